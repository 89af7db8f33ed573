import GatehousePlan
import GatehouseServer

extension Listener {
    init(_ plan: ListenerPlan) {
        self.init(
            descriptor: plan.descriptor, gatewayProtocol: plan.gatewayProtocol, endpoint: plan.endpoint,
            allowedUsers: plan.allowedUsers.map { Set($0) })
    }
}
