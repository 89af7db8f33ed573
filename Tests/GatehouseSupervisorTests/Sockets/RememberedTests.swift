@testable import GatehouseSupervisor
import Synchronization
import Testing

/// Names of users and groups are asked for once.
struct RememberedTests {
    @Test func `each number is asked for once, until it is forgotten`() {
        let asked = Mutex<[UInt32]>([])
        let names = Remembered { number in
            asked.withLock { $0.append(number) }
            return "\(number)"
        }
        for _ in 0..<2 { #expect(names[33] == "33" && names[0] == "0") }
        #expect(asked.withLock { $0 } == [33, 0])
        names.forget()
        #expect(names[33] == "33")
        #expect(asked.withLock { $0 } == [33, 0, 33])
    }
}
