import FuzzSupport
import GatehouseWire

/// Input: a byte of flags, then steps of a front server and an engine in any order. Each begins with a byte:
///
///     0...127    feed that many of the input's next bytes
///     128...159  feed 256 times (it - 127) of the next bytes
///     160...191  answer a waiting request with the next bytes, through `appendOutput`
///     192...223  the same through `appendFrame`
///     224...255  end a waiting request
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let flags = input.byte()
    let checker = AnswerChecker()
    var driver = ConnectionDriver<FastCGIConnection>(
        limits: .fuzzed(small: flags & 1 != 0), expect: { checker.expect($0) }, check: { checker.check($0) })
    driver.answersAtOnce = flags & 2 != 0
    var written = 0
    while !input.isEmpty {
        let step = input.byte()
        let chosen = driver.waiting.isEmpty ? nil : driver.waiting[Int(step) % driver.waiting.count]
        switch (step, chosen) {
        case (0...127, _): driver.feed(input.bytes(Int(step)))
        case (128...159, _): driver.feed(input.bytes(256 * (Int(step) - 127)))
        case (160...223, let id?):
            // Repeated, so that short inputs reach output of more than one record.
            let piece = input.bytes(Int(input.byte()))
            let content = Array([[UInt8]](repeating: piece, count: flags & 4 != 0 ? 300 : 1).joined())
            written += content.count
            if step < 192 { driver.write(content, of: id) } else { driver.writeFramed(content, of: id) }
        case (224...255, let id?): driver.end(id)
        default: break
        }
        let head = driver.connection.oldestUnfinishedHead
        require((head ?? 1) > 0, "an unfinished head from before the first byte")
    }
    for id in driver.waiting { driver.end(id) }
    checker.finish()
    require(checker.outputBytes >= written, "\(written) bytes of output written, \(checker.outputBytes) read")
    return 0
}

@_cdecl("FuzzConnection_main")
public func run(_ count: CInt, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDriver.run(count, words, test)
}
