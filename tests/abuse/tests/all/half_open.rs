//! Hosts that are gone without a word: their kernel answers nothing. In a network of its own, where
//! the way to them is gone as well, `cargo xtask half-open` does the same.

use protocall_abuse::half_open::{
    a_client_finds_that_its_server_is_gone, a_server_finds_that_its_client_is_gone,
};
use protocall_abuse::peer::Peer;

#[test]
fn a_clients_host_that_is_gone_is_found_in_time() {
    let _turn = protocall_abuse::alone();
    a_server_finds_that_its_client_is_gone(&Peer::vanish);
}

#[test]
fn a_servers_host_that_is_gone_is_found_in_time() {
    let _turn = protocall_abuse::alone();
    a_client_finds_that_its_server_is_gone(&Peer::vanish);
}
