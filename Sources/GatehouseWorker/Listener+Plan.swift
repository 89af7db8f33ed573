import GatehousePlan
import GatehouseServer

extension Listener {
    init(_ plan: ListenerPlan) {
        let gatewayProtocol: GatewayProtocol =
            switch plan.gatewayProtocol {
            case .fastcgi: .fastCGI
            case .scgi: .scgi
            }
        self.init(
            descriptor: plan.descriptor, gatewayProtocol: gatewayProtocol, endpoint: plan.endpoint,
            allowedUsers: plan.allowedUsers.map { Set($0) })
    }
}
