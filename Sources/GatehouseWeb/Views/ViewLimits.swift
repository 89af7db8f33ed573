/// The bounds of templates and of what they write. None of them is met by a page that a person would read; they keep a
/// mistake from taking all memory.
public struct ViewLimits: Sendable {
    /// The most levels that sections in a template, or objects and lists in a value, may have inside each other.
    public static let depth = 64

    /// The most bytes of one template file; 1 MiB.
    public var fileBytes = 1 << 20

    /// The most templates; 10,000.
    public var files = 10_000

    /// The most partials inside each other while a page is written; 100. A partial that includes itself for the
    /// children of what it shows (a tree of comments) can reach it.
    public var partials = 100

    /// The most bytes of one page; 64 MiB. A page that is streamed has no such bound.
    public var pageBytes = 64 << 20

    /// The bounds as they are here.
    public init() {}
}
