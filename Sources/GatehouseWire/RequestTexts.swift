/// The bytes that name a request in reports, as the front server sent them; empty where it did not. They lie in the
/// request's parameters, and are good for as long as the call that gives them.
package struct RequestTexts {
    package var id = UnsafeRawBufferPointer(start: nil, count: 0)
    package var method = UnsafeRawBufferPointer(start: nil, count: 0)
    package var uri = UnsafeRawBufferPointer(start: nil, count: 0)
}

extension Parameters {
    /// Calls `body` with REQUEST_ID, REQUEST_METHOD and REQUEST_URI, found in one pass and not copied.
    package func withRequestTexts(_ body: (RequestTexts) -> Void) {
        bytes.withUnsafeBytes { raw in
            let all = raw.assumingMemoryBound(to: UInt8.self)
            var texts = RequestTexts()
            for entry in entries {
                func value() -> UnsafeRawBufferPointer {
                    UnsafeRawBufferPointer(rebasing: raw[Int(entry.value)..<Int(entry.value) + Int(entry.valueLength)])
                }
                switch entry.nameLength {
                case 10: if Self.isName(entry, "REQUEST_ID", in: all) { texts.id = value() }
                case 11: if Self.isName(entry, "REQUEST_URI", in: all) { texts.uri = value() }
                case 14: if Self.isName(entry, "REQUEST_METHOD", in: all) { texts.method = value() }
                default: break
                }
            }
            body(texts)
        }
    }

    /// Calls `body` with the bytes of the last value of that name, not copied; `nil` where there is none.
    package func withValue(of name: StaticString, _ body: (UnsafeRawBufferPointer?) -> Void) {
        withValue(of: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), body)
    }

    package func withValue(of name: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer?) -> Void) {
        bytes.withUnsafeBytes { raw in
            let found = entries.last { entry in
                Int(entry.nameLength) == name.count
                    && raw[Int(entry.name)..<Int(entry.name) + name.count].elementsEqual(name)
            }
            body(
                found.map {
                    UnsafeRawBufferPointer(rebasing: raw[Int($0.value)..<Int($0.value) + Int($0.valueLength)])
                })
        }
    }
}
