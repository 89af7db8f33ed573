extension CGIReader {
    /// Path and query. REQUEST_URI decides, because it is what the client sent: every other variable has been decoded,
    /// rewritten or split by the front server's own rules.
    func target(isOptions: Bool, limit: Int) throws(BadRequest) -> String {
        let uri = value(variables.requestURI)
        if uri.isEmpty { return try fallbackTarget(limit: limit) }
        if isOptions, uri.count == 1, uri[0] == UInt8(ascii: "*") { return "*" }
        let target = withoutAuthority(uri)
        if target.isEmpty { return "/" }
        if target[0] == UInt8(ascii: "?") {
            return try PathChecker.check([UInt8(ascii: "/")] + target, limit: limit)
        }
        return try PathChecker.check(target, limit: limit)
    }

    /// The target without `scheme://authority`, which the absolute form has (RFC 9112, section 3.2.2). Nothing else is
    /// stripped.
    private func withoutAuthority(_ uri: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        if uri[0] == UInt8(ascii: "/") { return uri }
        guard let colon = uri.firstIndex(of: UInt8(ascii: ":")), colon > 0, uri.count - colon >= 3,
            uri[colon + 1] == UInt8(ascii: "/"), uri[colon + 2] == UInt8(ascii: "/"),
            uri[..<colon].allSatisfy(isSchemeByte)
        else { return uri }
        return path(in: uri, from: colon + 3)
    }

    private func isSchemeByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }

    /// The rest from the first `/` or `?` at or after `start`; empty if there is none.
    private func path(in uri: UnsafeBufferPointer<UInt8>, from start: Int) -> UnsafeBufferPointer<UInt8> {
        let end = uri[start...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
        return UnsafeBufferPointer(rebasing: uri[(end ?? uri.count)...])
    }

    /// Path and query of a request without REQUEST_URI: from the variables that CGI itself defines, then from those
    /// that single front servers add.
    private func fallbackTarget(limit: Int) throws(BadRequest) -> String {
        let path = fallbackPath()
        if path.isMissing { throw BadRequest(reason: "no REQUEST_URI, SCRIPT_NAME, PATH_INFO or DOCUMENT_URI") }
        var target = PathChecker.encoded(path.first, keepsEscapes: path.isEncoded)
        target += PathChecker.encoded(path.second, keepsEscapes: path.isEncoded)
        if target.isEmpty { target = [UInt8(ascii: "/")] }
        if path.first.contains(0) || path.second.contains(0) { throw BadRequest(reason: "NUL in the path") }
        let query = value(variables.queryString)
        if !query.isEmpty {
            if query.contains(where: PathChecker.isControl) { throw BadRequest(reason: "a control in QUERY_STRING") }
            target.append(UInt8(ascii: "?"))
            target += PathChecker.encodedQuery(query)
        }
        return try PathChecker.check(target, limit: limit)
    }

    /// A path in one or two parts, as variables give it.
    private struct FallbackPath {
        var first: UnsafeBufferPointer<UInt8>
        var second = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        /// Whether the bytes are percent-encoded already.
        var isEncoded = false
        /// Whether no variable gives a path, not even an empty one.
        var isMissing = false
    }

    private func fallbackPath() -> FallbackPath {
        let script = value(variables.scriptName)
        let info = value(variables.pathInfo)
        if !script.isEmpty || !info.isEmpty {
            // IIS repeats SCRIPT_NAME in PATH_INFO unless allowPathInfoForScriptMappings is set.
            if isIIS, info.starts(with: script) { return FallbackPath(first: info) }
            return FallbackPath(first: script, second: info)
        }
        let document = value(variables.documentURI)
        if !document.isEmpty { return FallbackPath(first: document) }
        let proxied = proxiedPath(value(variables.scriptFilename))
        if !proxied.isEmpty { return FallbackPath(first: proxied, isEncoded: true) }
        let isKnown =
            variables.requestURI >= 0 || variables.scriptName >= 0 || variables.pathInfo >= 0
            || variables.documentURI >= 0
        return FallbackPath(first: script, isMissing: !isKnown)
    }

    var isNginx: Bool { value(variables.serverSoftware).starts(with: "nginx/".utf8) }
    private var isIIS: Bool { value(variables.serverSoftware).starts(with: "Microsoft-IIS".utf8) }

    /// The path in Apache's `proxy:fcgi://host:port/path` or `proxy:balancer://name/path`, which Apache has encoded.
    private func proxiedPath(_ filename: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        for prefix in ["proxy:fcgi://", "proxy:balancer://"] as [StaticString] {
            let count = prefix.utf8CodeUnitCount
            let text = UnsafeBufferPointer(start: prefix.utf8Start, count: count)
            if filename.starts(with: text) { return path(in: filename, from: count) }
        }
        return UnsafeBufferPointer(start: nil, count: 0)
    }
}
