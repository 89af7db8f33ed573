import FuzzSupport
import GatehouseWeb

/// Input: a byte of flags, two bytes that give the position to cut at, then the body.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let flags = input.byte()
    let split = Int(input.number())
    let body = Array(input.rest)
    let limits = flags & 1 == 0 ? MultipartLimits() : small
    let boundary = flags & 2 == 0 ? "b" : "----WebKitFormBoundary"
    let whole = Reading(body, [body.count], boundary, limits)
    require(Reading(body, [split, body.count], boundary, limits) == whole, "cut at \(split), the body is another")
    require(Reading(body, [1], boundary, limits) == whole, "byte by byte, the body is another")
    return 0
}

/// Limits that a few bytes reach.
private let small: MultipartLimits = {
    var limits = MultipartLimits()
    (limits.parts, limits.files, limits.headers, limits.headerBytes, limits.nameBytes) = (3, 2, 3, 120, 8)
    (limits.fieldBytes, limits.memoryBytes, limits.fileBytes, limits.totalBytes) = (16, 40, 24, 600)
    (limits.preambleBytes, limits.epilogueBytes) = (9, 9)
    return limits
}()

/// Findings in a body, with each part's bytes joined.
private struct Reading: Equatable {
    var heads: [PartHead] = []
    var bytes: [[UInt8]] = []
    var ends = 0
    var isWhole = false
    var error: MultipartError?

    init(_ body: [UInt8], _ lengths: [Int], _ boundary: String, _ limits: MultipartLimits) {
        do throws(MultipartError) {
            var parser = try MultipartParser(boundary: boundary.utf8, limits: limits)
            var rest = body[...]
            var number = 0
            while !rest.isEmpty {
                let length = max(1, lengths[min(number, lengths.count - 1)])
                number += 1
                try feed(Array(rest.prefix(length)), &parser)
                rest = rest.dropFirst(length)
            }
            try parser.finish()
            require(isWhole, "an end that was not told")
        } catch {
            self.error = error
            // The part that was cut short has come as far as the pieces went, which differ.
            if ends < bytes.count { bytes[bytes.count - 1] = [] }
        }
        require(bytes.joined().count <= body.count, "more bytes than were sent")
        require(heads.count <= limits.parts, "more parts than are allowed")
        for head in heads { check(head, limits) }
    }

    private func check(_ head: PartHead, _ limits: MultipartLimits) {
        require(head.name.utf8.count <= limits.nameBytes, "a name is longer than its limit")
        guard let file = head.fileName else { return }
        let safe = SafeFileName.make(file)
        require(!safe.isEmpty && safe.utf8.count <= SafeFileName.longest + 1, "the length of a safe name")
        require(!safe.hasPrefix(".") && !safe.contains("/") && !safe.contains("\\"), "a name that is not safe: \(safe)")
        require(!safe.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }, "a control in a safe name")
    }

    private mutating func feed(_ piece: [UInt8], _ parser: inout MultipartParser) throws(MultipartError) {
        var index = 0
        while true {
            let before = index
            let outcome = piece.withUnsafeBytes { bytes in
                Result { () throws(MultipartError) in try parser.next(in: bytes, at: &index) }
            }
            guard let event = try outcome.get() else {
                require(index == piece.count, "a piece is left with \(piece.count - index) bytes")
                return
            }
            require(index >= before && index <= piece.count, "the index went from \(before) to \(index)")
            switch event {
            case .partBegins(let head):
                heads.append(head)
                bytes.append([])
            case .bytes(let range): bytes[bytes.count - 1] += piece[range]
            case .carried(let carried): bytes[bytes.count - 1] += carried
            case .partEnds: ends += 1
            case .messageEnds:
                require(!isWhole && ends == heads.count, "an end before its time")
                isWhole = true
            }
        }
    }
}

@_cdecl("FuzzMultipart_main")
public func run(_ count: CInt, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDriver.run(count, words, test)
}
