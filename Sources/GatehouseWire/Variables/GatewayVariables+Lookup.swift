extension GatewayVariables {
    /// Calls `body` with REQUEST_ID, REQUEST_METHOD and REQUEST_URI, not copied.
    /// - Parameter variables: the ones found in this value.
    package func withIdentity(_ variables: CGIVariables, _ body: (RequestIdentity) -> Void) {
        bytes.withUnsafeBufferPointer { bytes in
            let reader = CGIReader(bytes: bytes, variables: variables)
            body(
                RequestIdentity(
                    id: UnsafeRawBufferPointer(reader.value(variables.requestID)),
                    method: UnsafeRawBufferPointer(reader.value(variables.requestMethod)),
                    uri: UnsafeRawBufferPointer(reader.value(variables.requestURI))))
        }
    }

    /// Calls `body` with REMOTE_ADDR and REMOTE_PORT, not copied; empty if they are not known.
    package func withClient(_ body: (_ address: UnsafeRawBufferPointer, _ port: UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBufferPointer { bytes in
            var address: Entry?
            var port: Entry?
            for entry in entries where entry.nameLength == 11 {
                if Self.isName(entry, "REMOTE_ADDR", in: bytes) { address = entry }
                if Self.isName(entry, "REMOTE_PORT", in: bytes) { port = entry }
            }
            func value(_ entry: Entry?) -> UnsafeRawBufferPointer {
                guard let entry else { return UnsafeRawBufferPointer(start: nil, count: 0) }
                return UnsafeRawBufferPointer(
                    rebasing: UnsafeRawBufferPointer(bytes)[
                        Int(entry.value)..<Int(entry.value) + Int(entry.valueLength)])
            }
            body(value(address), value(port))
        }
    }

    /// Calls `body` with the bytes of the last value of that name, not copied; `nil` if there is none.
    package func withValue(of name: StaticString, _ body: (UnsafeRawBufferPointer?) -> Void) {
        withValue(of: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), body)
    }

    /// Calls `body` with the bytes of the last value of that name, not copied; `nil` if there is none.
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

/// The bytes that name a request in reports, as the front server sent them; empty if it sent none. They lie in the
/// request's variables, and are valid only during the call that provides them.
package struct RequestIdentity {
    /// REQUEST_ID.
    package var id: UnsafeRawBufferPointer
    /// REQUEST_METHOD.
    package var method: UnsafeRawBufferPointer
    /// REQUEST_URI.
    package var uri: UnsafeRawBufferPointer
}
