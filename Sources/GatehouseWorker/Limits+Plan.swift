import GatehousePlan
import GatehouseWire

extension Limits {
    /// The defaults, but for what the configuration sets.
    init(_ plan: LimitsPlan) {
        self.init()
        func set(_ value: Int?, _ path: WritableKeyPath<Limits, Int>) {
            if let value { self[keyPath: path] = value }
        }
        func set(milliseconds value: Int?, _ path: WritableKeyPath<Limits, Int64>) {
            if let value { self[keyPath: path] = Int64(value) * 1_000_000 }
        }
        set(plan.parameterBytes, \.parameterBytes)
        set(plan.parameterCount, \.parameterCount)
        set(plan.parameterNameLength, \.parameterNameLength)
        set(plan.parameterValueLength, \.parameterValueLength)
        set(plan.targetLength, \.targetLength)
        set(plan.headBytesPerConnection, \.headBytesPerConnection)
        set(plan.headBytesPerWorker, \.headBytesPerWorker)
        set(plan.concurrentRequests, \.concurrentRequests)
        set(plan.connections, \.connections)
        set(plan.bodyBytes, \.bodyBytes)
        set(plan.bufferedBytesPerRequest, \.bufferedBytesPerRequest)
        set(plan.bufferedBytesPerConnection, \.bufferedBytesPerConnection)
        set(milliseconds: plan.headTime, \.headTime)
        set(milliseconds: plan.bodyIdleTime, \.bodyIdleTime)
        set(milliseconds: plan.writeIdleTime, \.writeIdleTime)
        set(milliseconds: plan.requestTime, \.requestTime)
        set(milliseconds: plan.stalledRequestTime, \.stalledRequestTime)
        set(milliseconds: plan.drainTime, \.drainTime)
    }
}
