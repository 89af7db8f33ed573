package import GatehouseWire
import Logging
package import NIOCore

/// Ties a channel to the engine that serves it.
package final class GatewayChannelHandler: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private let loop: LoopContext
    private let wire: any GatewayConnection
    private var engine: ConnectionEngine?

    package init(loop: LoopContext, wire: any GatewayConnection) {
        self.loop = loop
        self.wire = wire
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        // Every channel of NIOPosix has these; without them there is nothing to serve on.
        guard let options = context.channel.syncOptions else { return context.close(promise: nil) }
        let engine = ConnectionEngine(
            loop: loop, wire: wire, transport: NIOTransport(context: context, options: options))
        self.engine = engine
        engine.opened()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        engine?.received(unwrapInboundIn(data))
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        engine?.receivedAll()
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        engine?.writabilityChanged()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        engine?.closed()
        engine = nil
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        engine?.closed()
        engine = nil
    }

    /// The peer reset the connection, or it broke while we wrote: `channelInactive` follows.
    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        loop.logger.debug("connection failed: \(error)")
        context.close(promise: nil)
    }
}
