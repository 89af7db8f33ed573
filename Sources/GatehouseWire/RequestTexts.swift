/// The bytes that name a request in reports, as the front server sent them; empty where it did not. They lie in the
/// request's parameters, and are good for as long as the call that gives them.
package struct RequestTexts {
    package var id: UnsafeRawBufferPointer
    package var method: UnsafeRawBufferPointer
    package var uri: UnsafeRawBufferPointer
}

extension Parameters {
    /// Calls `body` with REQUEST_ID, REQUEST_METHOD and REQUEST_URI, not copied.
    /// - Parameter variables: those of these parameters.
    package func withRequestTexts(_ variables: CGIVariables, _ body: (RequestTexts) -> Void) {
        bytes.withUnsafeBufferPointer { bytes in
            let reader = CGIReader(bytes: bytes, variables: variables)
            body(
                RequestTexts(
                    id: UnsafeRawBufferPointer(reader.value(variables.requestID)),
                    method: UnsafeRawBufferPointer(reader.value(variables.requestMethod)),
                    uri: UnsafeRawBufferPointer(reader.value(variables.requestURI))))
        }
    }

    /// Calls `body` with REMOTE_ADDR and REMOTE_PORT, a blank between them; with nothing where the address is not known.
    package func withClient(_ body: (UnsafeRawBufferPointer) -> Void) {
        withValue(of: "REMOTE_ADDR") { address in
            guard let address, !address.isEmpty else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
            withValue(of: "REMOTE_PORT") { port in
                let length = address.count + 1 + (port?.count ?? 0)
                withUnsafeTemporaryAllocation(byteCount: length, alignment: 1) { text in
                    text.copyMemory(from: address)
                    text[address.count] = UInt8(ascii: " ")
                    if let port { UnsafeMutableRawBufferPointer(rebasing: text[(address.count + 1)...]).copyMemory(from: port) }
                    body(UnsafeRawBufferPointer(text))
                }
            }
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
