// One request with one query: Go's net/http/fcgi, pgx and its pool.
//
//	responder SOCKET DATABASE_SOCKET_FOLDER
//
//	GET /hello       a line
//	GET /post/N      row N as JSON
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
)

type post struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: responder SOCKET DATABASE_SOCKET_FOLDER")
		os.Exit(64)
	}
	pool, err := pgxpool.Connect(context.Background(), fmt.Sprintf(
		"host=%s user=bench dbname=bench pool_max_conns=8", os.Args[2]))
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/hello", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, "Hello from the peer.\n")
	})
	mux.HandleFunc("/post/", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/post/"))
		if err != nil {
			http.Error(w, "no number", http.StatusBadRequest)
			return
		}
		var found post
		row := pool.QueryRow(r.Context(), "SELECT id, title FROM t WHERE id = $1", id)
		switch err := row.Scan(&found.ID, &found.Title); {
		case errors.Is(err, pgx.ErrNoRows):
			http.NotFound(w, r)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		default:
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			json.NewEncoder(w).Encode(found)
		}
	})
	log.Fatal(fcgi.Serve(listener, mux))
}
