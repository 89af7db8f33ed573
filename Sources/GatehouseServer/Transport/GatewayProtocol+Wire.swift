import GatehousePlan
import GatehouseWire

/// The one place that joins the protocols' names with the wire that speaks them.
extension GatewayProtocol {
    /// The state of a connection on which nothing has been said yet.
    func makeConnection(limits: Limits) -> any GatewayConnection {
        switch self {
        case .fastCGI: FastCGIConnection(limits: limits)
        case .scgi: SCGIConnection(limits: limits)
        case .uwsgi: UWSGIConnection(limits: limits)
        }
    }
}
