/// A Content-Security-Policy (W3C CSP Level 3): the places from which a page may load and run what, and who may show
/// it.
///
/// ```swift
/// policy.content["img-src"] = "'self' https://images.example.org"
/// policy.content["object-src"] = nil
/// ```
public struct ContentPolicy: Sendable, Equatable {
    private var directives: [(name: String, sources: String)]

    /// Makes a policy without directives, which forbids nothing.
    public init() { directives = [] }

    /// The policy if none is chosen: everything comes from this host, pictures also from `data:` URLs, forms are sent
    /// to this host, and no page is shown inside another one. Scripts and styles that stand in the page need the
    /// request's nonce (``WebRequestContext/nonce``); `style="…"` and `onclick="…"` do nothing.
    public static var standard: ContentPolicy {
        var policy = ContentPolicy()
        policy["default-src"] = "'self'"
        policy["img-src"] = "'self' data:"
        policy["object-src"] = "'none'"
        policy["base-uri"] = "'none'"
        policy["form-action"] = "'self'"
        policy["frame-ancestors"] = "'none'"
        return policy
    }

    /// The sources of a directive, as the header has them, without any nonce; `nil` if there is no such directive.
    public subscript(directive: String) -> String? {
        get { directives.first { $0.name == directive }?.sources }
        set {
            if let index = directives.firstIndex(where: { $0.name == directive }) {
                if let newValue { directives[index].sources = newValue } else { directives.remove(at: index) }
            } else if let newValue {
                directives.append((directive, newValue))
            }
        }
    }

    /// The policy as the header has it, without nonces.
    public var text: String {
        directives.map { $0.sources.isEmpty ? $0.name : "\($0.name) \($0.sources)" }.joined(separator: "; ")
    }

    /// The policy with a place for a nonce in the sources of scripts and of styles: between each two pieces.
    var piecesAroundNonce: [String] {
        var policy = self
        for name in ["script-src", "style-src"] where policy[name] == nil { policy[name] = self["default-src"] ?? "" }
        var pieces = [""]
        for (index, directive) in policy.directives.enumerated() {
            pieces[pieces.count - 1] += (index > 0 ? "; " : "") + directive.name
            // 'none' forbids everything, and means nothing beside another source.
            let sources = directive.sources == "'none'" ? "" : directive.sources
            guard ["script-src", "style-src"].contains(directive.name) else {
                pieces[pieces.count - 1] += directive.sources.isEmpty ? "" : " " + directive.sources
                continue
            }
            pieces[pieces.count - 1] += (sources.isEmpty ? "" : " " + sources) + " 'nonce-"
            pieces.append("'")
        }
        return pieces
    }

    /// Whether two policies have the same directives with the same sources in the same order.
    public static func == (left: ContentPolicy, right: ContentPolicy) -> Bool { left.text == right.text }
}
