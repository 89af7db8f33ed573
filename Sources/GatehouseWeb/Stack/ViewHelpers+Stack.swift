extension ViewHelpers {
    /// Values of the stack for templates. Each is made only if the template names it:
    ///
    /// - `{{nonce}}`: for scripts and styles that stand in the page: `<script nonce="{{nonce}}">`.
    /// - `{{csrfField}}`: the hidden field of a form, if the settings ask for tokens; `{{csrfToken}}` is its text.
    /// - `{{#flashes}}<p class="{{kind}}">{{text}}</p>{{/flashes}}`: the messages that wait. They are gone afterwards.
    ///
    /// `{{mountPath}}` is there anyway.
    public static var stack: ViewHelpers {
        ViewHelpers(globals: [
            "nonce": { .string($0.nonce) },
            "csrfToken": { .string($0.csrfToken) },
            "csrfField": { .html($0.csrfField) },
            "flashes": { try ViewValue(encoding: $0.takeFlashes()) },
        ])
    }
}
