/// How much of the output a frame covers, and how many zero bytes follow it.
public struct OutputFrame: Sendable, Equatable {
    public var contentLength: Int
    public var paddingLength: Int

    @inlinable
    public init(contentLength: Int, paddingLength: Int) {
        self.contentLength = contentLength
        self.paddingLength = paddingLength
    }
}
