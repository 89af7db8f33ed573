/// Shell scripts that act as workers.
enum WorkerScript {
    static let ready = """
        echo '{"loading":{"path":"/m/libA.so"}}' >&3
        echo '{"loaded":{"path":"/m/libA.so","name":"A","version":"1.0"}}' >&3
        echo '{"ready":{}}' >&3
        """

    /// Obeys its orders, and writes them down.
    static let obedient = ready + "\n" + obeying

    static let obeying = """
        while read -r order <&3; do
            echo "order $order"
            case $order in *drain*|*end*) exit 0 ;; esac
        done
        exit 7
        """

    /// The same, and says which worker it is.
    static let numbered = """
        test -n "$plan" || plan=$(cat <&4)
        number=${plan#*\\"worker\\":}
        number=${number%%[!0-9]*}
        \(ready)
        while read -r order <&3; do
            echo "order $order of $number"
            case $order in *drain*|*end*) exit 0 ;; esac
        done
        exit 7
        """

    /// Sets `plan`, and `generation` from it. from the plan.
    static let readsPlan = """
        plan=$(cat <&4)
        generation=${plan#*\\"generation\\":}
        generation=${generation%%[!0-9]*}
        """
}
