import Hummingbird
import NIOCore

/// A page that is sent while it is written.
///
/// It is made by a handler and then used by the one task that writes the answer, never by two at a time; that is the
/// reason for `@unchecked Sendable`.
final class StreamedPage: @unchecked Sendable {
    /// The bytes of a piece.
    private static let piece = 16_384
    /// The bytes that are worth a write before a row is waited for.
    private static let worthWriting = 2_048

    private var renderer: Renderer
    private var stop = Renderer.Stop.full

    init(_ renderer: Renderer) { self.renderer = renderer }

    var notes: [ViewProblem] { renderer.notes }

    /// Writes the first piece.
    func begin() throws { stop = try renderer.run(upTo: Self.piece) }

    @concurrent func write(to writer: inout any ResponseBodyWriter) async throws {
        var isFirst = true
        while true {
            switch stop {
            case .end: return try await flush(to: &writer)
            case .full: try await flush(to: &writer)
            case .rows(let source):
                if isFirst || renderer.output.count >= Self.worthWriting { try await flush(to: &writer) }
                isFirst = false
                renderer.resume(with: try await source.next())
            }
            stop = try renderer.run(upTo: Self.piece)
        }
    }

    @concurrent private func flush(to writer: inout any ResponseBodyWriter) async throws {
        guard renderer.output.count > 0 else { return }
        try await writer.write(ByteBuffer(bytes: renderer.output.take()))
    }
}
