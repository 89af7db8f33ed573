import GatehouseControl
import GatehousePlan

extension Supervisor {
    func upgrade(for client: ControlClient?) {
        client?.send(.failed(message: "not yet", exitStatus: ExitStatus.internal.rawValue))
    }
}
