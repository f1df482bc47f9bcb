package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/subferry/subferry/migrate/gateway"
)

// client talks to a server that speaks Stripe's API, about what the product itself never creates: customers, prices,
// clocks.
type client struct {
	base, key string
	http      *http.Client
}

type object = map[string]any

// paced is a transport that stays below the requests a second of a Stripe sandbox, which has 25.
type paced struct{ limiter *rate.Limiter }

const perSecond = 15

func (p paced) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := p.limiter.Wait(r.Context()); err != nil {
		return nil, err
	}
	return http.DefaultTransport.RoundTrip(r)
}

// patience is how often a request is sent again that came too fast.
const patience = 8

// do sends one request and returns the object that was answered.
func (c *client) do(ctx context.Context, method, path string, params object) (object, error) {
	form := url.Values{}
	flatten(form, "", params)
	for wait := 500 * time.Millisecond; ; wait *= 2 {
		answer, status, err := c.send(ctx, method, path, form)
		tooFast := status == http.StatusTooManyRequests && wait < 500*time.Millisecond<<patience
		switch {
		case err != nil:
			return nil, err
		case status == http.StatusOK:
			return answer, nil
		case !tooFast:
			reason, _ := json.Marshal(answer["error"])
			return nil, fmt.Errorf("%s %s: %d %s", method, path, status, reason)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (c *client) send(ctx context.Context, method, path string, form url.Values) (object, int, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, 0, err
	}
	r.SetBasicAuth(c.key, "")
	r.Header.Set("Stripe-Version", gateway.APIVersion)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := c.http.Do(r)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, 0, err
	}
	var answer object
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, 0, fmt.Errorf("%s %s: %s: no JSON: %.200s", method, path, response.Status, body)
	}
	return answer, response.StatusCode, nil
}

// create posts an object and returns its ID.
func (c *client) create(ctx context.Context, path string, params object) (string, error) {
	answer, err := c.do(ctx, http.MethodPost, path, params)
	if err != nil {
		return "", err
	}
	id, _ := answer["id"].(string)
	if id == "" {
		return "", fmt.Errorf("POST %s: the answer has no id", path)
	}
	return id, nil
}

// flatten writes parameters as Stripe's API takes them: a[b][0]=c.
func flatten(form url.Values, path string, value any) {
	switch value := value.(type) {
	case object:
		for key, inner := range value {
			if path != "" {
				key = path + "[" + key + "]"
			}
			flatten(form, key, inner)
		}
	case []any:
		for i, inner := range value {
			flatten(form, path+"["+strconv.Itoa(i)+"]", inner)
		}
	default:
		form.Set(path, fmt.Sprint(value))
	}
}
