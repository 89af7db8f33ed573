/// The requests that are alive on a connection. Nearly always one; the search is linear, over two bytes per request,
/// and starts with the one found last.
struct RequestRecords {
    private var ids: [UInt16] = []
    private var requests: [RequestRecord] = []
    private var lastFound = 0

    var count: Int { ids.count }

    mutating func index(of id: UInt16) -> Int? {
        if lastFound < ids.count, ids[lastFound] == id { return lastFound }
        guard let found = ids.firstIndex(of: id) else { return nil }
        lastFound = found
        return found
    }

    func contains(_ id: UInt16) -> Bool { ids.contains(id) }

    mutating func insert(_ request: RequestRecord, id: UInt16) {
        lastFound = ids.count
        ids.append(id)
        requests.append(request)
    }

    /// Forgets a request; `false` where there is none with this id.
    mutating func remove(_ id: UInt16) -> Bool {
        guard let index = index(of: id) else { return false }
        ids.swapAt(index, ids.count - 1)
        requests.swapAt(index, requests.count - 1)
        ids.removeLast()
        requests.removeLast()
        return true
    }

    subscript(index: Int) -> RequestRecord {
        _read { yield requests[index] }
        _modify { yield &requests[index] }
    }

    var hasUnfinished: Bool { requests.contains { $0.isUnfinished } }

    var oldestUnfinishedHead: Int64? {
        var oldest: Int64?
        for request in requests where request.stage == .head {
            oldest = min(oldest ?? request.began, request.began)
        }
        return oldest
    }
}
