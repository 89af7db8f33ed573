import GatehouseWeb

/// A new account.
struct SignUpForm: Form {
    var name: String
    var email: String
    @SecretText var password: String

    func validate(_ check: FormCheck) {
        check("name", name).singleLine().length(1...80)
        check("email", email).email()
        check("password", password).password(of: [name, email])
    }
}

/// A sign-in.
struct SignInForm: Form {
    var email: String
    @SecretText var password: String
    /// The page that asked for it, to go back to.
    var next: String?
}
