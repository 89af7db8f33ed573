package import GatehouseServer
import Hummingbird
package import ServiceLifecycle

/// A module that has been made and is ready to be mounted.
package struct HostedModule: Sendable {
    package let handler: any MountedHandler
    package let services: [any Service]
    /// Whether it has any route, where it has a router of ours.
    package let answersAnything: Bool

    /// Makes the module.
    /// - Throws: what its `init` or its responder threw.
    package init(_ type: any HandlerModule.Type, context: ModuleContext, log: LineLogHandler) async throws {
        self = try await Self.make(type, context: context, log: log)
    }

    private init(handler: any MountedHandler, services: [any Service], answersAnything: Bool) {
        self.handler = handler
        self.services = services
        self.answersAnything = answersAnything
    }

    private static func make<Module: HandlerModule>(
        _ type: Module.Type, context: ModuleContext, log: LineLogHandler
    ) async throws -> HostedModule {
        let module = try await Module(context: context)
        let responder = try await module.responder
        let handler: any MountedHandler
        if let common = responder as? RouterResponder<GatewayRequestContext> {
            handler = RoutedHandler(name: context.name, execution: Module.execution, responder: common, log: log)
        } else {
            handler = ModuleHandler(name: context.name, execution: Module.execution, responder: responder, log: log)
        }
        let router = Router(context: Module.Context.self)
        module.routes(router)
        return HostedModule(
            handler: handler, services: module.services,
            answersAnything: Module.Responder.self != RouterResponder<Module.Context>.self || !router.routes.isEmpty)
    }
}
