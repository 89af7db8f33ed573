import GatehousePlan
import GatehouseWire

extension GatewayProtocol {
    /// The state of a connection on which nothing has been said yet.
    func connection(_ limits: Limits) -> any GatewayConnection {
        switch self {
        case .fastCGI: FastCGIConnection(limits: limits)
        case .scgi: SCGIConnection(limits: limits)
        }
    }
}
