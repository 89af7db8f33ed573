import FuzzSupport
import GatehouseWire

/// Input: a byte of flags, two bytes that give the position to cut at, then the bytes that a front server sends.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let flags = input.byte()
    let split = input.number()
    DripRule.check(
        UWSGIConnection.self, Array(input.rest), limits: .fuzzed(small: flags & 1 != 0), split: split, checked: false)
    return 0
}

@_cdecl("FuzzUWSGI_main")
public func run(_ count: CInt, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDriver.run(count, words, test)
}
