/// The state of one request between its FCGI_BEGIN_REQUEST and its FCGI_END_REQUEST.
struct RequestRecord {
    enum Stage {
        /// Its parameters are arriving.
        case head
        /// It was handed on.
        case running
        /// It was refused and waits for its answer; its records are passed over.
        case refused
        /// The front server gave it up, and it waits for its end; its records are passed over.
        case aborted

        func mayBecome(_ next: Stage) -> Bool {
            switch self {
            case .head: next != .head
            case .running: next == .aborted
            case .refused, .aborted: false
            }
        }
    }

    let role: RequestRole
    let keepsConnection: Bool
    /// When its first byte came.
    let began: Int64
    var stage = Stage.head {
        willSet { assert(stage.mayBecome(newValue), "a request cannot go from \(stage) to \(newValue)") }
    }
    var bodyEnded = false
    /// Whether FCGI_DATA has ended. Only a Filter's request has any.
    var dataEnded: Bool
    /// The content of its PARAMS records so far.
    var parameters: [UInt8] = []

    init(role: RequestRole, keepsConnection: Bool, began: Int64) {
        self.role = role
        self.keepsConnection = keepsConnection
        self.began = began
        dataEnded = role != .filter
    }

    /// Whether the front server still owes us something of this request.
    var isUnfinished: Bool {
        switch stage {
        case .head: true
        case .running: !bodyEnded || !dataEnded
        case .refused, .aborted: false
        }
    }
}

/// The requests that are alive on a connection: nearly always one. The search is linear, over two bytes per request,
/// and starts with the request found last.
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

    /// Forgets a request; `false` if none has this id.
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
