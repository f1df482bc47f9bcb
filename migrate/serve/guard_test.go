package serve_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/serve"
	"github.com/subferry/subferry/migrate/serve/store"
)

func TestTheAddressOpensTheServiceOnce(t *testing.T) {
	r := open(t, nil)
	status, text := r.visit().get("/moves")
	require.Equal(t, http.StatusUnauthorized, status)
	require.Contains(t, text, "sign_in")
	status, _ = r.visit().browser().get("/new")
	require.Equal(t, http.StatusUnauthorized, status)
	status, _ = r.visit().get("/login?token=WRONG")
	require.Equal(t, http.StatusUnauthorized, status)

	// What fetches pages before anybody asks for them does not use the token up.
	resp, _ := r.visit().do("GET", "/login?token="+r.token.String(), "", nil, "Sec-Purpose", "prefetch;prerender")
	require.Equal(t, http.StatusNoContent, resp.StatusCode)
	resp, _ = r.visit().do("HEAD", "/login?token="+r.token.String(), "", nil)
	require.Equal(t, http.StatusNoContent, resp.StatusCode)

	v := r.visit().browser()
	resp, text = v.do("GET", "/login?token="+r.token.String(), "", nil)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	cookie := resp.Header.Get("Set-Cookie")
	require.Contains(t, cookie, "HttpOnly")
	require.Contains(t, cookie, "SameSite=Strict")
	require.NotContains(t, cookie, "Expires", "it ends with the browser")
	require.Contains(t, text, `content="0; url=/"`)
	status, _ = v.get("/")
	require.Equal(t, http.StatusOK, status)

	again := r.visit()
	status, text = again.get("/login?token=" + r.token.String())
	require.Equal(t, http.StatusUnauthorized, status)
	require.Contains(t, text, "wrong_token")

	status, _ = v.post("/logout")
	require.Equal(t, http.StatusOK, status)
	status, _ = v.get("/")
	require.Equal(t, http.StatusUnauthorized, status, "a session that has ended opens nothing")
	require.NotContains(t, r.log.String(), r.token.String(), "the log has no token")
}

// A name that somebody else has made to lead here is refused before anything else, with and without a session.
func TestOtherHostsAreRefused(t *testing.T) {
	r := open(t, nil)
	v := r.enter()
	v.api = nil
	_, port, err := net.SplitHostPort(r.host)
	require.NoError(t, err)
	for _, host := range []string{"evil.example", "evil.example:" + port, "127.0.0.1", "127.0.0.1.nip.io:" + port, "localhost", "localhost:1", "169.254.169.254:" + port, "127.0.0.1:" + port + "."} {
		for _, path := range []string{"/", "/static/style.css", "/login?token=x", "/openapi.json"} {
			resp, _ := v.do("GET", path, "", nil, "Host", host)
			require.Equal(t, http.StatusMisdirectedRequest, resp.StatusCode, "%s %s", host, path)
		}
	}
	for _, host := range []string{"localhost:" + port, "LOCALHOST:" + port, "127.0.0.1:" + port} {
		resp, _ := v.do("GET", "/", "", nil, "Host", host)
		require.NotEqual(t, http.StatusMisdirectedRequest, resp.StatusCode, host) // its cookie is another one
	}
}

// A page of another site, or of another port of this machine, can send nothing in a user's name.
func TestOtherOriginsAreRefused(t *testing.T) {
	r := open(t, nil)
	v := r.enter()
	m := v.upload("basic.csv")
	v.api = nil
	for _, headers := range [][]string{
		{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
		{"Origin", "http://127.0.0.1:1"}, {"Sec-Fetch-Site", "cross-site", "Origin", r.url},
	} {
		for _, path := range []string{"/moves", "/moves/" + m.ID + "/start", "/logout"} {
			resp, text := v.do("POST", path, "application/x-www-form-urlencoded", strings.NewReader("account="+m.Account), headers...)
			require.Equal(t, http.StatusForbidden, resp.StatusCode, "%v %s: %s", headers, path, text)
			require.Contains(t, text, "cross_origin")
		}
	}
	require.Equal(t, store.Reviewed, v.until(m.ID, store.Reviewed).State, "nothing was started")
	resp, text := v.do("POST", "/moves/"+m.ID+"/start", "application/x-www-form-urlencoded", strings.NewReader("account="+m.Account), "Sec-Fetch-Site", "same-origin", "Origin", r.url)
	require.Equal(t, http.StatusOK, resp.StatusCode, text)
	v.until(m.ID, store.Scheduled)
}

func TestHeadersKeepBrowsersFromHelping(t *testing.T) {
	r := open(t, nil)
	v := r.enter().browser()
	m := r.visit()
	*m = *v
	m.accept = "application/json"
	id := m.upload("basic.csv").ID
	for _, path := range []string{"/", "/new", "/moves/" + id, "/moves/" + id + "/plan", "/moves/" + id + "/findings", "/audit", "/accounts", "/none", "/login"} {
		resp, text := v.do("GET", path, "", nil)
		h := resp.Header
		policy := h.Get("Content-Security-Policy")
		require.True(t, strings.HasPrefix(policy, "default-src 'none'; script-src 'self';"), policy)
		require.Contains(t, policy, "frame-ancestors 'none'")
		require.NotContains(t, policy, "unsafe")
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
		require.Equal(t, "no-referrer", h.Get("Referrer-Policy"))
		require.Equal(t, "no-store", h.Get("Cache-Control"), path)
		for _, inline := range []string{" style=", "<style", "<script>", " onclick", " onload", "javascript:"} {
			require.NotContains(t, text, inline, path)
		}
	}
	resp, _ := v.do("GET", "/moves/"+id+"/files/findings.html", "", nil)
	require.Contains(t, resp.Header.Get("Content-Disposition"), "attachment", "a file is never a page of this site")
	require.Contains(t, resp.Header.Get("Content-Security-Policy"), "sandbox")
}

// endless is a file without an end.
type endless struct{ sent atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "cus_1,2051859600,price_1\n"[i%25]
	}
	e.sent.Add(int64(len(p)))
	return len(p), nil
}

func TestUploadsAreBounded(t *testing.T) {
	const limit = 1 << 20
	r := open(t, func(c *serve.Config) { c.MaxUpload = limit })
	v := r.enter()
	for name, size := range map[string]int64{"just over": limit + 1, "by far": 40 << 20} {
		status, text := v.send("subs.csv", io.LimitReader(&endless{}, size))
		require.Equal(t, http.StatusRequestEntityTooLarge, status, name)
		require.Contains(t, text, "larger than 1 MB")
	}

	// Without an end, and without saying how long it is: it is refused long before all was sent.
	e := &endless{}
	req, err := http.NewRequestWithContext(t.Context(), "POST", r.url+"/moves", io.MultiReader(
		strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n"), e))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	if resp, err := v.http.Do(req); err == nil { // or the connection was closed under the sender
		require.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
		resp.Body.Close()
	}
	require.Less(t, e.sent.Load(), int64(64<<20))

	// One that states a length beyond the limit is not read at all.
	conn, err := net.Dial("tcp", r.host)
	require.NoError(t, err)
	defer conn.Close()
	cookies := v.http.Jar.Cookies(req.URL)
	fmt.Fprintf(conn, "POST /moves HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nAccept: application/json\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 999999999999\r\n\r\n", r.host, cookies[0])
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(5*time.Second)))
	head := make([]byte, 12)
	_, err = io.ReadFull(conn, head)
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 413", string(head))

	status, text := v.post("/moves/mov_none/start", "account", strings.Repeat("a", 1<<20))
	require.Equal(t, http.StatusRequestEntityTooLarge, status, text)
	require.Contains(t, text, "form_too_large")
}

// bomb returns a workbook that would become a gigabyte when it is unzipped.
func bomb(t *testing.T, size int64, says uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml"} {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(w, "<x/>")
		require.NoError(t, err)
	}
	var packed bytes.Buffer
	f, err := flate.NewWriter(&packed, flate.BestCompression)
	require.NoError(t, err)
	sum := crc32.NewIEEE()
	_, err = io.CopyN(io.MultiWriter(f, sum), zeros{}, size)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	w, err := z.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, CRC32: sum.Sum32(), CompressedSize64: uint64(packed.Len()), UncompressedSize64: says})
	require.NoError(t, err)
	_, err = w.Write(packed.Bytes())
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestAZipBombIsNotOpened(t *testing.T) {
	v := open(t, nil).enter()
	const size = 256 << 20
	status, text := v.send("bomb.xlsx", bytes.NewReader(bomb(t, size, size)))
	require.Equal(t, http.StatusUnprocessableEntity, status, text)
	require.Contains(t, text, "unzipped_too_large")
	require.Contains(t, text, "256 MB")

	// One that lies about its size ends with an error of the review, which reads no more than what is stated.
	status, text = v.send("liar.xlsx", bytes.NewReader(bomb(t, size, 1000)))
	require.Equal(t, http.StatusCreated, status, text)
	id := decode[move](t, text).ID
	require.Eventually(t, func() bool {
		_, text := v.get("/moves/" + id)
		m := decode[move](t, text)
		return m.State == store.Failed && strings.Contains(m.Error, "workbook") || m.State == store.Invalid
	}, 10*time.Second, 50*time.Millisecond)
}

// What is no file of the format is said at once, and not tried again and again.
func TestWhatIsNoFileOfTheFormatIsSaid(t *testing.T) {
	v := open(t, nil).enter()
	for name, content := range map[string]string{
		"letter.pdf": "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "page.html": "<!DOCTYPE html><html><body>no</body></html>", "picture.png": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
		"cut.xlsx": "PK\x03\x04 and no more", "notes.txt": "just a line\n", "nul.csv": "\x00\x00\x00", "header.csv": "customer,start_date,price\n",
	} {
		status, text := v.send(name, strings.NewReader(content))
		require.Equal(t, http.StatusCreated, status, text)
		id := decode[move](t, text).ID
		require.Eventually(t, func() bool {
			_, text := v.get("/moves/" + id)
			m := decode[move](t, text)
			return m.State == store.Failed && m.Error != "" || m.State == store.Invalid && (m.Review.Errors > 0 || m.Review.Refused != "")
		}, 10*time.Second, 50*time.Millisecond, name)
		status, _ = v.browser().get("/moves/" + id)
		require.Equal(t, http.StatusOK, status, name)
	}
}

// Two thousand connections that send their requests drop by drop hold no more places than there are, and others are served
// meanwhile.
func TestSlowConnectionsKeepNobodyOut(t *testing.T) {
	r := open(t, nil)
	v := r.enter()
	var open []net.Conn
	defer func() {
		for _, c := range open {
			c.Close()
		}
	}()
	for i := range 2000 {
		c, err := net.Dial("tcp", r.host)
		if err != nil {
			var limited *net.OpError
			require.ErrorAs(t, err, &limited) // this test's own limit of open files
			t.Logf("%d connections were opened: %v", i, err)
			break
		}
		open = append(open, c)
		fmt.Fprintf(c, "POST /moves HTTP/1.1\r\nHost: %s\r\nX-Slow: ", r.host)
		if i%250 == 249 {
			began := time.Now()
			status, _ := v.get("/")
			require.Equal(t, http.StatusOK, status)
			require.Less(t, time.Since(began), 3*time.Second)
		}
	}
	require.Greater(t, len(open), serve.MaxConnections)
	require.Eventually(t, func() bool { // the service closes what is too many beside what it does
		held := 0
		for _, c := range open {
			require.NoError(t, c.SetReadDeadline(time.Now().Add(time.Millisecond)))
			_, err := c.Read(make([]byte, 1))
			var timeout net.Error
			if errors.As(err, &timeout) && timeout.Timeout() {
				held++
			}
		}
		return held <= serve.MaxConnections
	}, 20*time.Second, 100*time.Millisecond)
}

// Whoever sends a body drop by drop is not waited for, whatever he is answered.
func TestASlowFormIsNotWaitedFor(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	t.Parallel()
	r := open(t, nil)
	conn, err := net.Dial("tcp", r.host)
	require.NoError(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "POST /language HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nto=", r.host)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	began := time.Now()
	_, err = io.Copy(io.Discard, conn)
	require.NoError(t, err, "the service closes the connection")
	require.Less(t, time.Since(began), 15*time.Second)
}
