import FoundationEssentials
import GatehouseControl

/// The control socket's lines, as the command line writes and reads them.
enum ControlLine {
    static func encode(_ request: ControlRequest) throws -> String {
        String(decoding: try JSONEncoder().encode(request), as: UTF8.self) + "\n"
    }

    static func decode(_ line: some Sequence<UInt8>) throws -> ControlReply {
        try JSONDecoder().decode(ControlReply.self, from: Data(line))
    }
}
