/// The most that one multipart/form-data body may have of each thing. Every one of them was missing somewhere once, and
/// let a small request cost much.
///
/// ```swift
/// var limits = MultipartLimits()
/// limits.fileBytes = 200 << 20
/// limits.totalBytes = 201 << 20
/// ```
///
/// What has more is refused while it arrives, and the error names the limit: 413 for sizes and counts of parts, 400 for
/// what no browser sends.
public struct MultipartLimits: Sendable, Hashable {
    /// Fields and files together; 1,000 by default.
    public var parts = 1_000

    /// Files; 100 by default.
    public var files = 100

    /// Bytes of one field's value; 1 MiB by default.
    public var fieldBytes = 1 << 20

    /// Bytes of all fields' values, and of all parts' names and types, which a collected form has in memory; 4 MiB by
    /// default.
    public var memoryBytes = 4 << 20

    /// Bytes of one file; 16 MiB by default.
    public var fileBytes = 16 << 20

    /// Bytes of the whole body, boundaries included; 64 MiB by default.
    ///
    /// The front server has a limit of its own before it (nginx: `client_max_body_size`, 1 MiB by default), and so have
    /// the worker's `limits` in the configuration (`body`, 1 GiB by default).
    public var totalBytes = 64 << 20

    /// Header fields of one part; 16 by default. A browser sends two.
    public var headers = 16

    /// Bytes of one part's header fields; 8 KiB by default.
    public var headerBytes = 8 << 10

    /// Bytes of a field's name; 512 by default.
    public var nameBytes = 512

    /// Bytes of a boundary; 70 by default, which RFC 2046, section 5.1.1, allows.
    public var boundaryBytes = 70

    /// Bytes before the first boundary, which nobody reads; 1 KiB by default. A browser sends none.
    public var preambleBytes = 1 << 10

    /// Bytes behind the last boundary, which nobody reads; 1 KiB by default. A browser sends two.
    public var epilogueBytes = 1 << 10

    /// Makes the limits that fit a form with pictures; each can be changed then.
    public init() {}
}
