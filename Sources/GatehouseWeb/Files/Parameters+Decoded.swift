import Gatehouse
public import Hummingbird

extension Parameters {
    /// The part of the path that a route names, percent-decoded: `Bericht März.pdf` for `Bericht%20M%C3%A4rz.pdf`.
    ///
    /// ``require(_:)`` gives it as it is in the address. A decoded part can contain anything, slashes included.
    /// - Throws: `HTTPError` 400 if the route has no such name, or the part is malformed.
    public func decoded(_ name: String) throws -> String {
        guard let text = PercentCoding.decoded(Substring(try require(name))) else { throw HTTPError(.badRequest) }
        return text
    }
}
