extension GatewayVariables {
    /// Calls `body` with REQUEST_ID, REQUEST_METHOD and REQUEST_URI, not copied.
    /// - Parameter variables: the ones found in this value.
    package func withIdentity(_ variables: CGIVariables, _ body: (RequestIdentity) -> Void) {
        withReader(variables) { reader in
            body(
                RequestIdentity(
                    id: UnsafeRawBufferPointer(reader.value(variables.requestID)),
                    method: UnsafeRawBufferPointer(reader.value(variables.requestMethod)),
                    uri: UnsafeRawBufferPointer(reader.value(variables.requestURI))))
        }
    }

    /// Calls `body` with REMOTE_ADDR and REMOTE_PORT, not copied; empty if they are not known.
    /// - Parameter variables: the ones found in this value.
    package func withClient(
        _ variables: CGIVariables, _ body: (_ address: UnsafeRawBufferPointer, _ port: UnsafeRawBufferPointer) -> Void
    ) {
        withReader(variables) { reader in
            body(
                UnsafeRawBufferPointer(reader.value(variables.remoteAddress)),
                UnsafeRawBufferPointer(reader.value(variables.remotePort)))
        }
    }

    /// Calls `body` with a reader of these variables, whose bytes are not copied.
    @inline(__always)
    func withReader<Result, Failure: Error>(
        _ variables: CGIVariables, _ body: (CGIReader) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The spans' pointers are valid for as long as this value.
        try bytes.span.withUnsafeBufferPointer { (bytes) throws(Failure) in
            try entries.span.withUnsafeBufferPointer { (entries) throws(Failure) in
                try body(CGIReader(bytes: bytes, entries: entries, variables: variables))
            }
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
