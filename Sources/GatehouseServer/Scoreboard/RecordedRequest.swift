import CGatehouseSystem

/// A request as a slot of the scoreboard has it.
package struct RecordedRequest: Equatable, Sendable {
    package var id: String
    package var method: String
    package var path: String
    package var module: String
    package var began: Int64
    package var bodyBytes: UInt64
    package var responseBytes: UInt64
    /// Whether the response's head is out.
    package var isResponding: Bool

    init(_ slot: gatehouse_slot) {
        func text<Field>(_ field: Field, _ length: some BinaryInteger) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix(Int(length)), as: UTF8.self) }
        }
        id = text(slot.id, slot.id_length)
        method = text(slot.method, slot.method_length)
        path = text(slot.path, slot.path_length)
        module = text(slot.module, slot.module_length)
        began = slot.began
        bodyBytes = slot.body_bytes
        responseBytes = slot.response_bytes
        isResponding = slot.state == GATEHOUSE_SLOT_RESPONDING
    }
}
