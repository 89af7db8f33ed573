/// The key of the request's nonce.
enum NonceValue: RequestValueKey {
    typealias Value = String
}

extension WebRequestContext {
    /// The request's nonce: 22 random characters that a script or style in the page has as its `nonce`, and the
    /// response's Content-Security-Policy as a source, so that the browser runs it and nothing that somebody else has
    /// put into the page. Made when it is first asked for; a response without it does not mention one.
    ///
    /// It is asked for before the handler returns: a body that is written later comes after the header.
    public var nonce: String {
        if let nonce = values[NonceValue.self] { return nonce }
        let nonce = Base64URL.encode(RandomBytes.make(16))
        values[NonceValue.self] = nonce
        return nonce
    }
}
