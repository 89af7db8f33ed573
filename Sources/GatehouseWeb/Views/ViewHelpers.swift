/// Functions and global values for templates. Parts of the kit and modules of your own bring them.
///
/// ```swift
/// let views = try Views(
///     context: context,
///     helpers: [
///         ViewHelpers(globals: ["user": { context in .string((context as? AppContext)?.user?.name ?? "") }]),
///         ViewHelpers(functions: ["initials": initials]),
///     ])
/// ```
public struct ViewHelpers: Sendable {
    /// Makes a global value for one request.
    public typealias Global = @Sendable (any WebRequestContext) throws -> ViewValue

    /// The functions, by the name that templates call.
    public var functions: [String: ViewFunction]
    /// The values that every template may name, unless the page has a value of the same name. One is made if a template
    /// names it, and once for each page.
    public var globals: [String: Global]

    /// Functions and globals. If two helpers have one of the same name, the later one is taken.
    public init(functions: [String: ViewFunction] = [:], globals: [String: Global] = [:]) {
        self.functions = functions
        self.globals = globals
    }

    /// The library, and `{{mountPath}}`.
    static let builtIn = ViewHelpers(functions: ViewFunction.library, globals: ["mountPath": { .string($0.mountPath) }])

    func adding(_ other: ViewHelpers) -> ViewHelpers {
        ViewHelpers(
            functions: functions.merging(other.functions) { $1 }, globals: globals.merging(other.globals) { $1 })
    }
}

extension ViewEnvironment {
    /// The context of the page's request; `nil` for a text that belongs to none, such as a mail.
    public var context: (any WebRequestContext)? { requestContext as? any WebRequestContext }
}

/// The global values of one page.
struct RequestGlobals: ViewGlobalValues {
    let globals: [String: ViewHelpers.Global]
    let context: (any WebRequestContext)?
    private var made: [String: ViewValue] = [:]

    init(globals: [String: ViewHelpers.Global], context: (any WebRequestContext)?) {
        self.globals = globals
        self.context = context
    }

    var names: [String] { Array(globals.keys) }

    mutating func value(under name: String) throws -> ViewValue? {
        guard let global = globals[name] else { return nil }
        if let value = made[name] { return value }
        guard let context else {
            throw ViewProblem("this value belongs to a request: give the request's context to render")
        }
        let value = try global(context)
        made[name] = value
        return value
    }
}
