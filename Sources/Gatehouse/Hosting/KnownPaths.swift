import HTTPTypes
import Hummingbird
import HummingbirdCore

/// The endpoints of a router's paths that have no parameters, by path.
///
/// A router searches a path segment by segment and character by character, which takes longer than a small handler. Its
/// own answer for each of its paths is kept here: a search has no other input than the path, so the answer is the same
/// at every request. A path that is spelled differently, or has parameters, is not here and takes the router's way.
///
/// Hummingbird has no API for its search. It is found by reflection: if another version of Hummingbird is put together
/// differently, nothing is found, no path is known, and everything takes the router's way. A test notices.
struct KnownPaths<Context: RequestContext>: Sendable {
    struct Endpoint: Sendable {
        /// The path as the route has it.
        let path: String
        private let responders: [(method: HTTPRequest.Method, responder: any HTTPResponder<Context>)]

        /// - Parameter value: Hummingbird's own.
        fileprivate init?(_ value: Any) {
            let parts = Mirror(reflecting: value)
            guard let path = parts.descendant("path") as? RouterPath,
                let methods = parts.descendant("methods") as? [HTTPRequest.Method: any HTTPResponder<Context>]
            else { return nil }
            self.path = path.description
            // GET first: few are compared, which takes less than a hash.
            responders = methods.map { ($0, $1) }.sorted { $0.method == .get && $1.method != .get }
        }

        /// The responder of a method; `nil` if the path has none.
        @inline(__always)
        func responder(for method: HTTPRequest.Method) -> (any HTTPResponder<Context>)? {
            for (known, responder) in responders where known == method { return responder }
            return nil
        }
    }

    /// By the paths' lengths: few paths have the same, and comparing those takes less than a hash.
    private let endpoints: [[(path: String, endpoint: Endpoint)]]

    /// - Parameters:
    ///   - responder: the router's.
    ///   - paths: its paths, as its routes have them.
    init(_ responder: RouterResponder<Context>, paths: some Sequence<RouterPath>) {
        var endpoints: [[(path: String, endpoint: Endpoint)]] = []
        if let search = Mirror(reflecting: responder).descendant("trie") as? any PathSearch {
            // A path with a question mark can be no request's: there the query begins.
            for path in Set(paths.map(\.description)) where !path.contains("?") {
                guard let endpoint = search.valueWithoutParameters(at: path).flatMap({ Endpoint($0) }) else { continue }
                let length = path.utf8.count
                if length >= endpoints.count {
                    endpoints += Array(repeating: [], count: length + 1 - endpoints.count)
                }
                endpoints[length].append((path, endpoint))
            }
        }
        self.endpoints = endpoints
    }

    var count: Int { endpoints.reduce(0) { $0 + $1.count } }

    /// The endpoint of a request's path; `nil` if it is not known.
    @inline(__always)
    func endpoint(of uri: URI) -> Endpoint? {
        if let endpoint = endpoint(at: uri.string) { return endpoint }
        return uri.string.utf8.contains(UInt8(ascii: "?")) ? endpoint(at: uri.path) : nil
    }

    @inline(__always)
    private func endpoint(at path: String) -> Endpoint? {
        let length = path.utf8.count
        guard length < endpoints.count else { return nil }
        for (known, endpoint) in endpoints[length] where known == path { return endpoint }
        return nil
    }
}

/// A router's search, whatever it finds.
private protocol PathSearch {
    /// The value at a path; `nil` if there is none, or if the path gives parameters.
    func valueWithoutParameters(at path: String) -> Any?
}

extension RouterTrie: PathSearch {
    fileprivate func valueWithoutParameters(at path: String) -> Any? {
        guard let (value, parameters) = resolve(path), parameters.isEmpty else { return nil }
        return value
    }
}
