/// A mistake in a module's assets, with the file and the place in it.
public struct AssetError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file: `assets/app.css`, with line and column if the mistake is in its text.
    public var place: String

    /// The mistake, and what to do.
    public var problem: String

    init(_ place: String, _ problem: String) {
        self.place = place
        self.problem = problem
    }

    /// `assets/app.css:12:8: url(img/logo.png): there is no such file`
    public var description: String { "\(place): \(problem)" }
}
