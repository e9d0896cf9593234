//! A listener on 127.0.0.1 that a test can close and open again on the same port.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;

use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Mutex, oneshot};
use tokio::task::{JoinHandle, JoinSet};

type Serve = Box<dyn Fn(TcpStream) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Open from the start. Dropping it closes it and all its connections.
pub struct Listener {
    port: u16,
    state: Mutex<State>,
}

enum State {
    Open(oneshot::Sender<()>, JoinHandle<Serve>),
    /// The socket is bound but doesn't listen, so connections are refused, and nobody else gets the port.
    Closed(TcpSocket, Serve),
    /// Only while switching between the two.
    Changing,
}

impl Listener {
    /// Passes each connection to `serve`, in its own task.
    pub fn open<F: Future<Output = ()> + Send + 'static>(serve: impl Fn(TcpStream) -> F + Send + Sync + 'static) -> Self {
        let socket = bound(0);
        let port = socket.local_addr().expect("an address").port();
        Self { port, state: Mutex::new(accept(socket, Box::new(move |stream| Box::pin(serve(stream))))) }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Closes it. Once this returns, new connections are refused and open ones are closed.
    pub async fn close(&self) {
        let mut state = self.state.lock().await;
        *state = match std::mem::replace(&mut *state, State::Changing) {
            State::Open(stop, accepting) => {
                // Bound before the other socket is closed, so that nobody else gets the port in between.
                let socket = bound(self.port);
                drop(stop);
                let serve = accepting.await.expect("the listener's task");
                State::Closed(socket, serve)
            }
            other => other,
        };
    }

    pub async fn reopen(&self) {
        let mut state = self.state.lock().await;
        *state = match std::mem::replace(&mut *state, State::Changing) {
            State::Closed(socket, serve) => accept(socket, serve),
            other => other,
        };
    }
}

fn bound(port: u16) -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("a socket option");
    socket.set_reuseport(true).expect("a socket option");
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).expect("a free port");
    socket
}

fn accept(socket: TcpSocket, serve: Serve) -> State {
    let listener = socket.listen(128).expect("a listening socket");
    let (stop, mut stopped) = oneshot::channel();
    let accepting = tokio::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                _ = &mut stopped => break,
                Some(_) = connections.join_next() => {}
                Ok((stream, _)) = listener.accept() => {
                    connections.spawn(serve(stream));
                }
            }
        }
        drop(listener);
        connections.shutdown().await;
        serve
    });
    State::Open(stop, accepting)
}
