import FoundationEssentials
import GatehousePlan
import Glibc

/// Reads the worker's plan from the descriptor that it inherited.
enum PlanReader {
    struct Failure: Error {
        var message: String
    }

    static func read(from descriptor: Int32) throws(Failure) -> WorkerPlan {
        var bytes = Data()
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw Failure(message: "the plan cannot be read: \(String(cString: strerror(errno)))")
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        close(descriptor)
        do {
            return try JSONDecoder().decode(WorkerPlan.self, from: bytes)
        } catch {
            throw Failure(
                message: "the plan is not understood, gatehouse and gatehouse-worker are of different builds: \(error)")
        }
    }
}
