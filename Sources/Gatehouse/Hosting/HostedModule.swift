package import GatehouseServer
import Hummingbird
package import ServiceLifecycle

/// A module that has been made and is ready to be mounted.
package struct HostedModule: Sendable {
    package let handler: any MountedHandler
    package let services: [any Service]

    /// Makes the module.
    /// - Throws: what its `init` or its responder threw.
    package init(_ type: any HandlerModule.Type, context: ModuleContext, log: LineLogHandler) async throws {
        self = try await Self.make(type, context: context, log: log)
    }

    private init(handler: any MountedHandler, services: [any Service]) {
        self.handler = handler
        self.services = services
    }

    private static func make<Module: HandlerModule>(
        _ type: Module.Type, context: ModuleContext, log: LineLogHandler
    ) async throws -> HostedModule {
        let module = try await Module(context: context)
        let responder = try await module.responder
        let handler: any MountedHandler
        let routes = responder as? RoutesResponder<GatewayRequestContext>
        if let common = routes?.router ?? responder as? RouterResponder<GatewayRequestContext> {
            handler = RoutedHandler(
                name: context.name, execution: Module.execution, responder: common, methods: routes?.methods, log: log)
        } else {
            handler = ModuleHandler(name: context.name, execution: Module.execution, responder: responder, log: log)
        }
        return HostedModule(handler: handler, services: module.services)
    }
}
