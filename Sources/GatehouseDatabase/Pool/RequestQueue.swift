/// Requests that wait for a connection, first come first served. One that gives up leaves at once; its place is
/// skipped.
struct RequestQueue {
    private var places: ContiguousArray<PoolRequest?> = []
    private var head = 0

    /// The requests that wait.
    private(set) var count = 0

    /// The request that waits longest.
    var first: PoolRequest? {
        mutating get {
            skip()
            return head < places.count ? places[head] : nil
        }
    }

    mutating func append(_ request: PoolRequest) {
        places.append(request)
        request.isQueued = true
        count += 1
    }

    /// Puts a request back to the front.
    mutating func prepend(_ request: PoolRequest) {
        if head > 0 {
            head -= 1
            places[head] = request
        } else {
            places.insert(request, at: 0)
        }
        request.isQueued = true
        count += 1
    }

    mutating func takeFirst() -> PoolRequest? {
        guard let request = first else { return nil }
        places[head] = nil
        head += 1
        leave(request)
        if head > 64, head * 2 > places.count {
            places.removeFirst(head)
            head = 0
        }
        return request
    }

    /// Takes out a request that gives up; it need not be here.
    mutating func remove(_ request: PoolRequest) {
        guard request.isQueued else { return }
        leave(request)
        // Its place is skipped when it comes to the front; when there are many such places, all are cleared.
        guard places.count - head > 2 * count + 64 else { return }
        places = ContiguousArray(places[head...].filter { $0?.isQueued == true })
        head = 0
    }

    private mutating func leave(_ request: PoolRequest) {
        request.isQueued = false
        count -= 1
    }

    private mutating func skip() {
        while head < places.count, places[head]?.isQueued != true {
            places[head] = nil
            head += 1
        }
        guard head == places.count, head > 0 else { return }
        places.removeAll(keepingCapacity: true)
        head = 0
    }
}
