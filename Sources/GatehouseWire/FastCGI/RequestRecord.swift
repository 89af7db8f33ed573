/// What a connection remembers of one request between its FCGI_BEGIN_REQUEST and its FCGI_END_REQUEST.
struct RequestRecord {
    enum Stage {
        /// Its parameters are arriving. Can transition to: running, refused, aborted.
        case head
        /// It was handed on. Can transition to: aborted.
        case running
        /// It was refused and waits for its answer; its records are passed over.
        case refused
        /// The front server gave it up, and it waits for its end; its records are passed over.
        case aborted
    }

    var role: RequestRole
    var keepsConnection: Bool
    /// When its first byte came.
    var began: Int64
    var stage = Stage.head
    var bodyEnded = false
    var dataEnded = false
    /// The content of its PARAMS records so far.
    var parameters: [UInt8] = []

    /// Whether the front server still owes us something of this request.
    var isUnfinished: Bool {
        switch stage {
        case .head: true
        case .running: !bodyEnded || !dataEnded
        case .refused, .aborted: false
        }
    }
}
