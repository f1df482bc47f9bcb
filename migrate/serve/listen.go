package serve

import (
	"container/list"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// How long connections may take. Uploads, downloads and streams of progress set times of their own.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = 60 * time.Second
	graceful      = 20 * time.Second
	maxHeader     = 32 << 10
)

// MaxConnections is how many connections are open at once.
const MaxConnections = 512

// Listen serves a handler until the context ends, and then lets requests under way finish. certificate is nil where a proxy
// in front of the service speaks TLS, or none is needed.
func Listen(ctx context.Context, listener net.Listener, h http.Handler, certificate *tls.Config, log *slog.Logger) error {
	crowd := &crowd{most: MaxConnections, places: map[net.Conn]*list.Element{}, waiting: list.New()}
	ending, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader, ConnState: crowd.changed, TLSConfig: certificate,
		BaseContext: func(net.Listener) context.Context { return ending },
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelDebug), // of clients that hang up
	}
	failed := make(chan error, 1)
	go func() {
		if certificate != nil {
			failed <- server.ServeTLS(listener, "", "")
			return
		}
		failed <- server.Serve(listener)
	}()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	end() // streams of progress end by themselves
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceful)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return server.Close()
}

// crowd bounds how many connections are open. When there is no place left, the one that has waited longest without having
// sent a whole request is closed: whoever opens thousands and sends nothing closes his own, and everybody else is served.
type crowd struct {
	most    int
	mu      sync.Mutex
	open    int
	places  map[net.Conn]*list.Element // of connections that have sent no whole request
	waiting *list.List
}

// changed is told by the server what a connection does.
func (c *crowd) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if place := c.places[conn]; place != nil {
		c.waiting.Remove(place)
		delete(c.places, conn)
	}
	switch state {
	case http.StateNew:
		c.open++
		c.places[conn] = c.waiting.PushBack(conn)
		if c.open > c.most {
			c.evict()
		}
	case http.StateIdle:
		c.places[conn] = c.waiting.PushBack(conn)
	case http.StateClosed, http.StateHijacked:
		c.open--
	}
}

func (c *crowd) evict() {
	oldest := c.waiting.Front()
	if oldest == nil {
		return
	}
	c.waiting.Remove(oldest) // so that the next one is another
	if conn, ok := oldest.Value.(net.Conn); ok {
		delete(c.places, conn)
		go conn.Close() // which may take a moment with TLS; the server notices, and tells that it is closed
	}
}
