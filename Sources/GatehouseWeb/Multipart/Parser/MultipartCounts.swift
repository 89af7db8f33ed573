/// The counts that ``MultipartLimits`` bounds. Each is compared before it is believed: what is over a limit is never
/// kept.
struct MultipartCounts: Sendable {
    /// Bytes of the body up to here.
    var total = 0
    private var parts = 0
    private var files = 0
    private var preamble = 0
    private var epilogue = 0
    /// Bytes of the head, and then of the part, that is being read.
    private var head = 0
    private var part = 0
    /// Bytes of all fields' values, and of all names and types.
    private var memory = 0

    mutating func addPreamble(_ count: Int, _ limits: MultipartLimits) throws(MultipartError) {
        preamble += count
        guard preamble <= limits.preambleBytes else {
            throw .limit(
                "bytes before the first boundary", "preambleBytes", \.preambleBytes, of: limits, status: 400)
        }
    }

    mutating func addEpilogue(_ count: Int, _ limits: MultipartLimits) throws(MultipartError) {
        epilogue += count
        guard epilogue <= limits.epilogueBytes else {
            throw .limit(
                "bytes behind the last boundary", "epilogueBytes", \.epilogueBytes, of: limits, status: 400)
        }
    }

    mutating func addHead(_ count: Int, _ limits: MultipartLimits) throws(MultipartError) {
        head += count
        guard head <= limits.headerBytes else {
            throw .limit("bytes of a part's header fields", "headerBytes", \.headerBytes, of: limits, status: 400)
        }
    }

    mutating func addPart(_ read: PartHead, _ limits: MultipartLimits) throws(MultipartError) {
        (head, part) = (0, 0)
        parts += 1
        guard parts <= limits.parts else { throw .limit("parts", "parts", \.parts, of: limits) }
        if read.fileName != nil {
            files += 1
            guard files <= limits.files else { throw .limit("files", "files", \.files, of: limits) }
        }
        try addMemory(
            read.name.utf8.count + (read.fileName?.utf8.count ?? 0) + (read.contentType?.utf8.count ?? 0), limits)
    }

    mutating func addBytes(_ count: Int, isFile: Bool, _ limits: MultipartLimits) throws(MultipartError) {
        part += count
        guard !isFile else {
            guard part <= limits.fileBytes else {
                throw .limit("bytes of a file", "fileBytes", \.fileBytes, of: limits)
            }
            return
        }
        guard part <= limits.fieldBytes else {
            throw .limit("bytes of a field", "fieldBytes", \.fieldBytes, of: limits)
        }
        try addMemory(count, limits)
    }

    private mutating func addMemory(_ count: Int, _ limits: MultipartLimits) throws(MultipartError) {
        memory += count
        guard memory <= limits.memoryBytes else {
            throw .limit("bytes of all fields together", "memoryBytes", \.memoryBytes, of: limits)
        }
    }
}
