import GatehouseWeb
import Testing

/// Nobody without the secret makes or changes what is sealed (row I1).
struct SealerTests {
    private let plain = Array("the plain text".utf8)

    private func ring(_ letters: String...) throws -> KeyRing {
        try KeyRing(letters.map { String(repeating: $0, count: 32) })
    }

    @Test func `what was sealed is opened, and looks different each time`() throws {
        let sealer = try ring("a").sealer(for: "test")
        for count in [0, 1, 15, 16, 17, 4_000] {
            let bytes = RandomBytes.make(count)
            let sealed = try sealer.seal(bytes, label: "one")
            #expect(sealed.count == count + Sealer.overhead)
            #expect(sealer.open(sealed, label: "one") == bytes)
            #expect(try sealer.seal(bytes, label: "one") != sealed)
        }
    }

    @Test func `no bit of it can be changed, and nothing left out or added`() throws {
        let sealer = try ring("a").sealer(for: "test")
        let sealed = try sealer.seal(plain, label: "one")
        for index in sealed.indices {
            for bit in 0..<8 {
                var forged = sealed
                forged[index] ^= 1 << UInt8(bit)
                #expect(sealer.open(forged, label: "one") == nil)
            }
            #expect(sealer.open(Array(sealed[..<index]), label: "one") == nil)
            #expect(sealer.open(Array(sealed[(index + 1)...]), label: "one") == nil)
        }
        #expect(sealer.open(sealed + [0], label: "one") == nil)
        for count in 0..<200 { #expect(sealer.open(RandomBytes.make(count), label: "one") == nil) }
    }

    @Test func `it is opened for its own label, purpose and secret alone`() throws {
        let sealed = try ring("a").sealer(for: "test").seal(plain, label: "one")
        #expect(try ring("a").sealer(for: "test").open(sealed, label: "one") == plain)
        #expect(try ring("a").sealer(for: "test").open(sealed, label: "two") == nil)
        #expect(try ring("a").sealer(for: "other").open(sealed, label: "one") == nil)
        #expect(try ring("b").sealer(for: "test").open(sealed, label: "one") == nil)
    }

    @Test func `the newest secret seals, all open, and one that was taken out opens nothing`() throws {
        let old = try ring("a").sealer(for: "test")
        let both = try ring("b", "a").sealer(for: "test")
        let new = try ring("b").sealer(for: "test")
        let before = try old.seal(plain, label: "one")
        #expect(both.open(before, label: "one") == plain)
        #expect(new.open(before, label: "one") == nil)
        let after = try both.seal(plain, label: "one")
        #expect(new.open(after, label: "one") == plain)
        #expect(old.open(after, label: "one") == nil)
    }

    @Test func `secrets that are none are refused, and none is ever shown`() throws {
        let secret = String(repeating: "s3cret", count: 8)
        #expect(throws: KeyRingError.self) { try KeyRing([]) }
        #expect(throws: KeyRingError.self) { try KeyRing(Array(repeating: secret, count: 17)) }
        let short = #expect(throws: KeyRingError.self) { try KeyRing([secret, "s3cret-but-short"]) }
        #expect(short?.description.contains("secret 2 has 16 characters") == true)
        #expect(short?.description.contains("s3cret-") == false)
        let ring = try KeyRing([secret])
        var text = "\(ring) \(ring.sealer(for: "test"))"
        dump(ring, to: &text)
        dump(ring.sealer(for: "test"), to: &text)
        #expect(!text.contains("s3cret") && !text.contains("115"))
    }
}
