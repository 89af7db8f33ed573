package import NIOCore

/// The engine's transport over a SwiftNIO channel. Confined to the channel's event loop.
package final class NIOTransport: ConnectionTransport {
    private let context: ChannelHandlerContext
    private let options: any NIOSynchronousChannelOptions

    package init(context: ChannelHandlerContext, options: any NIOSynchronousChannelOptions) {
        self.context = context
        self.options = options
    }

    package func write(_ buffer: ByteBuffer) {
        context.write(NIOAny(buffer), promise: nil)
    }

    package func flush() {
        context.flush()
    }

    package func close() {
        context.close(promise: nil)
    }

    package func closeAfterFlush() {
        afterFlush { $0.close(promise: nil) }
    }

    package func closeOutputAfterFlush() {
        afterFlush { $0.close(mode: .output, promise: nil) }
    }

    /// At once where the peer has taken everything, which is nearly always.
    private func afterFlush(_ act: @escaping (ChannelHandlerContext) -> Void) {
        if queuedBytes == 0 { return act(context) }
        let context = context
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in act(context) }
        context.writeAndFlush(NIOAny(ByteBuffer()), promise: promise)
    }

    package func pauseReading() {
        setAutoRead(false)
    }

    package func resumeReading() {
        setAutoRead(true)
    }

    private func setAutoRead(_ value: Bool) {
        // It can fail only where the channel is closed, and then nothing is read anyway.
        try? options.setOption(ChannelOptions.autoRead, value: value)
    }

    package var isWritable: Bool { context.channel.isWritable }

    package var queuedBytes: Int { (try? options.getOption(ChannelOptions.bufferedWritableBytes)) ?? 0 }
}
