package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
)

// exchange is what was seen of one request on its way: more than stripe-go hands on, which forgets status and
// headers when the body is not the JSON it expects.
type exchange struct {
	status int         // 0 until an answer began
	header http.Header // of the answer
	cut    bool        // the answer's body could not be read to its end
	unsent bool        // the request did not come as far as a connection
}

type exchangeKey struct{}

// withExchange returns a context in which the transport writes down what it sees.
func withExchange(ctx context.Context) (context.Context, *exchange) {
	seen := &exchange{unsent: true}
	return context.WithValue(ctx, exchangeKey{}, seen), seen
}

func exchangeOf(ctx context.Context) *exchange {
	if seen, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return seen
	}
	return &exchange{}
}

// watchConnection lets the exchange be unsent until a connection is had.
//
// net/http calls the hook in the goroutine of RoundTrip, so that no lock is needed.
func (e *exchange) watchConnection(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { e.unsent = false },
	})
}

// observe takes note of an answer and of how reading its body ends.
func (e *exchange) observe(res *http.Response) {
	e.status, e.header = res.StatusCode, res.Header
	res.Body = &observedBody{ReadCloser: res.Body, seen: e}
}

type observedBody struct {
	io.ReadCloser
	seen *exchange
}

func (b *observedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.seen.cut = true
	}
	return n, err
}
