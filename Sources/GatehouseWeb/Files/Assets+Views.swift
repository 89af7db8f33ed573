extension Assets {
    /// The function `asset` for templates: `{{asset("app.css")}}` is the address of the file.
    ///
    /// ```swift
    /// let views = try Views(context: context, helpers: [assets.viewHelpers])
    /// ```
    public var viewHelpers: ViewHelpers {
        ViewHelpers(functions: ["asset": ViewFunction { .string(try store.address(of: $0.text(0))) }])
    }
}
