import GatehouseWeb

/// What a new account is made of.
struct SignUpForm: Form {
    var name: String
    var email: String
    @Secret var password: String

    func validate(_ check: FormCheck) {
        check("name", name).singleLine().length(1...80)
        check("email", email).email()
        check("password", password).password(of: [name, email])
    }
}

/// What somebody types to sign in.
struct SignInForm: Form {
    var email: String
    @Secret var password: String
    /// The page that asked for it, to go back to.
    var next: String?
}
