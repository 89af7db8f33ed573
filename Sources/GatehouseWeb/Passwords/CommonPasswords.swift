/// Passwords that lead every list of leaked ones. The shorter ones are refused with digits and marks behind them too.
enum CommonPasswords {
    static let all = Set(text.split(whereSeparator: \.isWhitespace).map(String.init))

    private static let text = """
        password passwort passw0rd p@ssword p@ssw0rd pa55word pass1234 password1 motdepasse contraseña contrasena
        senha123 mypassword yourpassword thepassword administrator admin adminadmin admin123 root rootroot toor guest
        welcome welcome1 changeme changeit default secret secret1 letmein letmein1 login access master test testtest
        tester testing temp temporary user username demo sample example
        12345678 123456789 1234567890 12341234 11223344 112233445566 1q2w3e4r 1q2w3e4r5t 1qaz2wsx q1w2e3r4 q1w2e3r4t5
        qwerty qwertyui qwertyuiop qwertz qwertzui qwertzuiop azerty azertyui azertyuiop asdfgh asdfghjk asdfghjkl
        zxcvbn zxcvbnm qazwsx qazwsxedc 1qazxsw2 zaq12wsx zaq1zaq1 qweasdzxc asdfasdf asdf1234 qwer1234 abcd1234
        abc12345 a1b2c3d4 a1234567 aa123456 147258369 159357 741852963 789456123 987654321 87654321 13579 135792468
        123123123 123321123 123454321 111222333 00000000 0123456789 0987654321
        iloveyou ilovegod lovely lovelove loveyou loveme princess sunshine shadow monkey dragon football baseball
        basketball soccer hockey superman batman spiderman pokemon starwars matrix trustno1 whatever michael jennifer
        jordan jordan23 michelle jessica ashley amanda charlie daniel thomas robert matthew andrew joshua anthony
        elizabeth alexander christian samantha victoria nicole patrick william benjamin
        computer internet samsung google facebook linkedin microsoft windows android chocolate butterfly flower
        summer winter spring autumn january february march april august september october november december monday
        friday liverpool chelsea arsenal barcelona realmadrid juventus mustang corvette mercedes porsche ferrari
        harley yamaha killer hunter ranger buster tigger ginger pepper cookie banana cheese coffee maverick
        phoenix freedom jesus blessed angel angels heaven diamond purple orange yellow silver golden rainbow
        fuckyou fuckyou1 asshole pussy biteme hello hello123 hellohello goodluck nothing unknown
        correcthorsebatterystaple opensesame swordfish
        """
}
