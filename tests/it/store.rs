//! The store: what a commit guarantees, what the database refuses, and that no query for a page scans a table.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::task::{Context, Waker};

use assent::optin::consent::{ConsentKind, ConsentRecord, ConsentSource, Evidence};
use assent::optin::disclosure::ProgramKind;
use assent::optin::ledger;
use assent::optin::phone::PhoneNumber;
use assent::store::backup::backup;
use assent::store::lock::lock;
use assent::store::{DatabaseUrl, Lane, Store, StoreError, consents, disclosures, failures, inbound_messages};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use time::OffsetDateTime;
use time::macros::datetime;

use crate::support::database;
use crate::support::{PHONE, TestApp, assent, fictional, number};

const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

fn open(folder: &tempfile::TempDir) -> (DatabaseUrl, Store) {
    let url = DatabaseUrl::parse(&format!("sqlite://{}", folder.path().join("assent.db").display())).expect("a URL");
    let store = Store::open(&url).expect("opened");
    (url, store)
}

/// Opens a separate connection, as another process would.
fn anew(url: &DatabaseUrl) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(&url.file().expect("SQLite").display().to_string()).expect("opened anew");
    conn.batch_execute("PRAGMA busy_timeout = 5000").expect("patient");
    conn
}

fn failures_on_disk(url: &DatabaseUrl) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        phone: String,
    }
    let rows: Vec<Row> =
        diesel::sql_query("SELECT phone FROM number_failures ORDER BY phone").load(&mut anew(url)).expect("read");
    rows.into_iter().map(|row| row.phone).collect()
}

/// Holds the writer until all jobs are waiting, so that they become one batch.
async fn in_one_batch<T>(store: &Store, jobs: Vec<Pin<Box<dyn Future<Output = T> + Send>>>) -> Vec<T>
where
    T: Send + 'static,
{
    let (release, released) = mpsc::channel::<()>();
    let (held, holding) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let holder = store.clone();
    let first = tokio::spawn(async move {
        holder
            .write(Lane::Pages, move |_| {
                let _ = held.send(());
                released.lock().unwrap_or_else(PoisonError::into_inner).recv().map_err(|_| StoreError::Panicked)
            })
            .await
    });
    tokio::task::spawn_blocking(move || holding.recv()).await.expect("joined").expect("the writer is held");
    // The first poll submits every job; the writer is still held then.
    let mut all = Box::pin(rocket::futures::future::join_all(jobs));
    assert!(all.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    release.send(()).expect("released");
    first.await.expect("joined").expect("the holder succeeds");
    all.await
}

#[rocket::async_test]
async fn a_panic_in_a_job_fails_that_job_alone_and_the_others_are_on_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, store) = open(&folder);
    let job = |n: usize| {
        let store = store.clone();
        Box::pin(async move {
            store
                .write(Lane::Pages, move |tx| {
                    failures::add(tx, &number(&fictional(n)), NOW)?;
                    assert!(n != 2, "a job that panics after it wrote");
                    Ok(n)
                })
                .await
        }) as Pin<Box<dyn Future<Output = Result<usize, StoreError>> + Send>>
    };
    let results = in_one_batch(&store, (0..5).map(job).collect()).await;
    for (n, result) in results.iter().enumerate() {
        match n {
            2 => assert!(matches!(result, Err(StoreError::Panicked)), "{result:?}"),
            _ => assert!(matches!(result, Ok(m) if *m == n), "{n}: {result:?}"),
        }
    }
    assert_eq!(failures_on_disk(&url), [0, 1, 3, 4].map(fictional));
}

#[rocket::async_test]
async fn a_constraint_fails_its_job_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, store) = open(&folder);
    diesel::sql_query(format!(
        "CREATE UNIQUE INDEX one_at_most ON number_failures (forget_at) WHERE phone <> '{}'",
        fictional(0)
    ))
    .execute(&mut anew(&url))
    .expect("made");
    let job = |n: usize| {
        let store = store.clone();
        Box::pin(async move { store.write(Lane::Pages, move |tx| failures::add(tx, &number(&fictional(n)), NOW)).await })
            as Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>
    };
    let results = in_one_batch(&store, (0..4).map(job).collect()).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 2, "{results:?}");
    assert_eq!(failures_on_disk(&url), [0, 1].map(fictional));
}

#[rocket::async_test]
async fn an_error_of_the_batch_fails_every_caller_and_the_store_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, store) = open(&folder);
    let boom = format!(
        "CREATE TRIGGER boom BEFORE INSERT ON number_failures WHEN NEW.phone = '{}' BEGIN SELECT RAISE(ROLLBACK, 'everything is undone'); END",
        fictional(2)
    );
    diesel::sql_query(boom).execute(&mut anew(&url)).expect("made");
    let job = |n: usize| {
        let store = store.clone();
        Box::pin(async move { store.write(Lane::Pages, move |tx| failures::add(tx, &number(&fictional(n)), NOW)).await })
            as Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>
    };
    let results = in_one_batch(&store, (0..5).map(job).collect()).await;
    for result in &results {
        assert!(matches!(result, Err(StoreError::Batch(why)) if why.contains("everything is undone")), "{result:?}");
    }
    assert!(failures_on_disk(&url).is_empty());
    store.write(Lane::Pages, |tx| failures::add(tx, &number(&fictional(7)), NOW)).await.expect("it still works");
    assert_eq!(failures_on_disk(&url), [fictional(7)]);
}

#[rocket::async_test]
async fn a_full_queue_turns_pages_away_and_still_takes_messages_from_phones() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, store) = open(&folder);
    let refused = Arc::new(Mutex::new(0));
    let job = |lane: Lane| {
        let (store, refused) = (store.clone(), Arc::clone(&refused));
        Box::pin(async move {
            let result = store.write(lane, |_| Ok(())).await;
            if matches!(result, Err(StoreError::Unavailable(_))) {
                *refused.lock().expect("unpoisoned") += 1;
            }
            result.is_ok()
        }) as Pin<Box<dyn Future<Output = bool> + Send>>
    };
    let jobs = (0..2_000).map(|_| job(Lane::Pages)).chain((0..256).map(|_| job(Lane::Urgent))).collect();
    let results = in_one_batch(&store, jobs).await;
    assert_eq!(*refused.lock().expect("unpoisoned"), 2_000 - (1_024 - 256));
    assert!(results[2_000..].iter().all(|ok| *ok), "a message from a phone was turned away");
}

#[rocket::async_test]
async fn messages_that_the_queue_has_no_room_for_wait() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, store) = open(&folder);
    let job = || {
        let store = store.clone();
        Box::pin(async move { store.write(Lane::Urgent, |_| Ok(())).await.is_ok() }) as Pin<Box<dyn Future<Output = bool> + Send>>
    };
    let results = in_one_batch(&store, (0..3_000).map(|_| job()).collect()).await;
    assert!(results.iter().all(|ok| *ok), "a message from a phone was turned away");
}

#[rocket::async_test]
async fn messages_from_phones_go_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, store) = open(&folder);
    let order = Arc::new(Mutex::new(Vec::new()));
    let job = |lane: Lane| {
        let (store, order) = (store.clone(), Arc::clone(&order));
        Box::pin(async move {
            let seen = Arc::clone(&order);
            store
                .write(lane, move |_| {
                    seen.lock().expect("unpoisoned").push(lane);
                    Ok(())
                })
                .await
                .is_ok()
        }) as Pin<Box<dyn Future<Output = bool> + Send>>
    };
    in_one_batch(&store, vec![job(Lane::Pages), job(Lane::Pages), job(Lane::Urgent)]).await;
    assert_eq!(order.lock().expect("unpoisoned").as_slice(), [Lane::Urgent, Lane::Pages, Lane::Pages]);
}

#[rocket::async_test]
async fn closing_finishes_what_is_queued_and_accepts_nothing_new() {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, store) = open(&folder);
    let jobs = (0..20).map(|n| {
        let store = store.clone();
        async move { store.write(Lane::Pages, move |tx| failures::add(tx, &number(&fictional(n)), NOW)).await }
    });
    let mut waiting: Vec<_> = jobs.map(Box::pin).collect();
    for job in &mut waiting {
        assert!(job.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    store.close();
    for job in waiting {
        job.await.expect("done before the end");
    }
    assert_eq!(failures_on_disk(&url).len(), 20);
    assert!(matches!(store.write(Lane::Pages, |_| Ok(())).await, Err(StoreError::Closing)));
}

#[rocket::async_test]
async fn a_reader_cannot_write() {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, store) = open(&folder);
    let result = store.read(|tx| failures::add(tx, &number(PHONE), NOW)).await;
    assert!(matches!(result, Err(StoreError::Database(_))), "{result:?}");
    assert!(failures_on_disk(&url).is_empty());
}

#[test]
fn a_database_that_cannot_be_opened_says_which() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("assent.db"), vec![7; 4_096]).expect("written");
    let url = DatabaseUrl::parse(&format!("sqlite://{}", folder.path().join("assent.db").display())).expect("a URL");
    let error = Store::open(&url).err().map(|e| format!("{e:?}")).expect("refused");
    assert!(error.contains("not a database"), "{error}");
}

fn evidence(disclosure: &str) -> Evidence {
    Evidence {
        disclosure_hash: disclosure.to_owned(),
        disclosure_inferred: false,
        ip: "192.0.2.7".to_owned(),
        user_agent: None,
        locale: "en".to_owned(),
        url: "https://texts.acme.example/".to_owned(),
        at: NOW,
    }
}

async fn with_three_records(folder: &tempfile::TempDir) -> (DatabaseUrl, Store) {
    let (url, store) = open(folder);
    let page = disclosures::Disclosure {
        hash: "a".repeat(64),
        facts_hash: "b".repeat(64),
        locale: "en".to_owned(),
        kind: ProgramKind::TwoFactor,
        text: "t".to_owned(),
        html: "h".to_owned(),
    };
    store.write(Lane::Pages, move |tx| disclosures::keep(tx, &page, NOW)).await.expect("kept");
    for n in 0..3_u8 {
        store
            .write(Lane::Pages, move |tx| {
                let record = ConsentRecord::opt_in(
                    ConsentKind::OptedIn,
                    ConsentSource::WebCode,
                    number(&fictional(n.into())),
                    evidence(&"a".repeat(64)),
                    NOW,
                );
                consents::append(tx, &record, &[n; ledger::SALT_BYTES])
            })
            .await
            .expect("appended");
    }
    (url, store)
}

/// Recomputes the whole chain from its rows.
pub async fn assert_chain_holds(store: &Store) -> i64 {
    let mut previous = ledger::GENESIS.to_owned();
    let mut seq = 0;
    loop {
        let page = store.read(move |tx| consents::page(tx, seq, 500)).await.expect("read");
        if page.is_empty() {
            break;
        }
        for (record, sealed) in page {
            let salt: [u8; ledger::SALT_BYTES] = hex::decode(&sealed.salt).expect("hex").try_into().expect("32 bytes");
            assert_eq!(ledger::seal(&record, seq + 1, &previous, &salt), sealed);
            seq = sealed.seq;
            previous = sealed.hash;
        }
    }
    assert_eq!(store.read(consents::head).await.expect("read"), (seq, previous));
    seq
}

#[rocket::async_test]
async fn the_ledger_is_a_chain_that_can_be_recomputed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, store) = with_three_records(&folder).await;
    assert_eq!(assert_chain_holds(&store).await, 3);
}

#[rocket::async_test]
async fn the_ledger_refuses_update_delete_and_replace() {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, store) = with_three_records(&folder).await;
    let mut conn = anew(&url);
    let columns = "seq, format, phone, kind, source, disclosure_hash, disclosure_inferred, locale, channel, erases, requested_at, recorded_at, ip, \
                   user_agent, words, url, inbound_message_id, salt, commitments, record_digest, previous_hash, hash";
    let copy = |change: &str| format!("INSERT OR REPLACE INTO consents ({columns}) SELECT {change} FROM consents WHERE seq = 2");
    let as_is = columns.to_owned();
    let attempts = [
        "UPDATE consents SET kind = 'opted_out'".to_owned(),
        "UPDATE consents SET phone = NULL WHERE seq = 1".to_owned(),
        "UPDATE consents SET salt = NULL WHERE seq = 1".to_owned(),
        "UPDATE consents SET salt = NULL, phone = NULL, ip = NULL WHERE seq = 1".to_owned(),
        "UPDATE consents SET recorded_at = '2020-01-01 00:00:00', salt = NULL, phone = NULL, ip = NULL, user_agent = NULL, words = NULL, url = NULL, inbound_message_id = NULL".to_owned(),
        "UPDATE OR REPLACE consents SET seq = 1 WHERE seq = 2".to_owned(),
        "DELETE FROM consents".to_owned(),
        "DELETE FROM consents WHERE seq = 3".to_owned(),
        copy(&as_is),
        copy(&as_is.replacen("seq", "9", 1)),
        copy(&as_is.replacen("seq", "9", 1).replace("previous_hash", "hex(randomblob(32))")),
        copy(&as_is.replacen("seq", "9", 1).replace(", hash", ", hex(randomblob(32))")),
    ];
    for sql in attempts {
        let refused = diesel::sql_query(sql.clone()).execute(&mut conn);
        assert!(refused.is_err(), "the ledger let this pass: {sql}");
    }
    assert_eq!(assert_chain_holds(&store).await, 3);
}

#[rocket::async_test]
async fn the_only_allowed_change_erases_all_personal_fields_together_and_leaves_the_chain_intact() {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, store) = with_three_records(&folder).await;
    let erase = "UPDATE consents SET salt = NULL, phone = NULL, ip = NULL, user_agent = NULL, words = NULL, url = NULL, inbound_message_id = NULL WHERE seq = 2";
    assert_eq!(diesel::sql_query(erase).execute(&mut anew(&url)).expect("allowed"), 1);
    assert!(diesel::sql_query(erase).execute(&mut anew(&url)).is_err(), "and only once");
    let rows = store.read(|tx| consents::page(tx, 0, 10)).await.expect("read");
    let (record, sealed) = &rows[1];
    assert_eq!((record.phone.as_ref(), sealed.salt.as_str()), (None, ""));
    // The digest can still be computed from what's left: the commitments have their own column.
    let kept: serde_json::Value = serde_json::from_str(&sealed.commitments).expect("JSON");
    let commitments = ledger::PERSONAL_FIELDS.map(|field| kept[field].as_str().expect("a commitment").to_owned());
    assert_eq!(ledger::digest(record, sealed.seq, &commitments), sealed.record_digest);
    assert_eq!(ledger::chain(&sealed.previous_hash, &sealed.record_digest), sealed.hash);
    assert_eq!(rows[2].1.previous_hash, sealed.hash);
}

#[rocket::async_test]
async fn the_tables_accept_every_kind_source_and_state_that_the_code_knows() {
    use assent::optin::message::{MessageKind, MessageStatus};
    use assent::optin::session::{SessionState, SessionWay};
    use assent::optin::subscriber::Standing;
    use assent::optin::verification::{VerificationMethod, VerificationState};
    use assent::store::emails::EmailKind;
    use assent::store::receipts::Ending;
    let migration = include_str!("../../migrations/sqlite/2026-11-24-200000_schema/up.sql");
    let listed = |words: Vec<&str>| format!("IN ('{}')", words.join("', '"));
    for list in [
        listed(ConsentKind::ALL.iter().map(|w| w.as_str()).collect()),
        listed(ConsentSource::ALL.iter().map(|w| w.as_str()).collect()),
        listed(Standing::ALL.iter().map(|w| w.as_str()).collect()),
        listed(VerificationState::ALL.iter().map(|w| w.as_str()).collect()),
        listed(VerificationMethod::ALL.iter().map(|w| w.as_str()).collect()),
        listed(MessageKind::ALL.iter().map(|w| w.as_str()).collect()),
        listed(MessageStatus::ALL.iter().map(|w| w.as_str()).collect()),
        listed(Ending::ALL.iter().map(|w| w.as_str()).collect()),
        listed(EmailKind::ALL.iter().map(|w| w.as_str()).collect()),
        listed(SessionWay::ALL.iter().map(|w| w.as_str()).collect()),
        listed(SessionState::ALL.iter().filter(|w| **w != SessionState::Expired).map(|w| w.as_str()).collect()),
    ] {
        assert!(migration.contains(&list), "no CHECK {list}");
    }
}

#[rocket::async_test]
async fn a_text_without_a_basis_cannot_be_kept() {
    if database::is_postgres() {
        return;
    }
    let app = TestApp::new().await;
    for (columns, values) in [
        ("basis", "NULL"),
        ("basis", "'verification'"),
        ("basis", "'consent'"),
        ("basis", "'inbound'"),
        ("basis, consent_seq", "'consent', 99"),
        ("basis, verification_id", "'verification', 99"),
        ("basis, inbound_message_id", "'inbound', 99"),
        ("basis", "'because'"),
    ] {
        let sql = format!(
            "PRAGMA foreign_keys = ON; INSERT INTO messages (phone, kind, status, queued_at, {columns}) VALUES ('{PHONE}', 'code', 'queued', '2026-11-24 12:00:00', {values})"
        );
        let mut conn =
            SqliteConnection::establish(&app.app.config.database.file().expect("SQLite").display().to_string()).expect("opened");
        assert!(conn.batch_execute(&sql).is_err(), "{columns} {values}");
    }
}

#[rocket::async_test]
async fn a_message_from_a_phone_is_kept_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, store) = open(&folder);
    let message = inbound_messages::NewInbound {
        provider: "simulator",
        provider_message_id: "m1".to_owned(),
        phone: number(PHONE),
        text: "hi".to_owned(),
        keyword: None,
        received_at: NOW,
    };
    for expected in [Some(1), None, None] {
        let again = message.clone();
        assert_eq!(store.write(Lane::Urgent, move |tx| inbound_messages::add(tx, &again)).await.expect("kept"), expected);
    }
}

#[rocket::async_test]
async fn a_backup_made_while_the_server_writes_is_whole_and_verified() {
    if database::is_postgres() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let app = TestApp::at("", folder.path()).await;
    app.opt_in("+12025550147").await;
    let source = app.app.config.database.clone();
    let target = folder.path().join("backup's.db");
    let mut looks = 0;
    let writing = {
        let app = Arc::clone(&app.app);
        tokio::spawn(async move {
            for n in 0..200 {
                let phone = PhoneNumber::from_stored(&format!("+1202555{:04}", 100 + n % 100)).expect("a number");
                let forget_at = app.clock.now();
                app.store.write(Lane::Pages, move |tx| failures::add(tx, &phone, forget_at)).await.expect("written");
            }
        })
    };
    let made = backup(&source, &target, &mut |_, _| looks += 1).expect("made");
    writing.await.expect("joined");
    assert_eq!(made.records, 1);
    assert!(made.rows >= 5 && looks > 0 && made.bytes > 100_000, "{made:?}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&target).expect("there").permissions());
    assert_eq!(mode & 0o777, 0o600, "nobody else can read it");
    let again = backup(&source, &target, &mut |_, _| {}).expect_err("it's there").to_string();
    assert!(again.contains("exists already"), "{again}");
    // Copied back, it works.
    let restored = folder.path().join("restored");
    std::fs::create_dir(&restored).expect("made");
    std::fs::copy(&target, restored.join("assent.db")).expect("copied back");
    let restored = TestApp::at("", &restored).await;
    assert_eq!(restored.standing_of("+12025550147").as_deref(), Some("subscribed"));
    assert_chain_holds(&restored.app.store).await;
}

#[test]
fn a_backup_of_a_damaged_chain_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, store) = open(&folder);
    drop(store);
    let mut conn = anew(&url);
    let forged = "INSERT INTO consents (seq, format, kind, source, disclosure_inferred, recorded_at, commitments, record_digest, \
                  previous_hash, hash) VALUES (1, 1, 'opted_out', 'owner', 0, '2026-11-24 12:00:00', '{}', 'PRINT', 'ZERO', 'PRINT')";
    let forged = forged.replace("PRINT", &"ab".repeat(32)).replace("ZERO", &"0".repeat(64));
    diesel::sql_query(forged).execute(&mut conn).expect("forged");
    let target = folder.path().join("backup.db");
    let refused = backup(&url, &target, &mut |_, _| {}).expect_err("refused").to_string();
    assert!(refused.contains("consents 1"), "{refused}");
    assert!(!target.exists());
}

#[test]
fn a_second_server_on_one_file_is_refused_and_so_is_a_newer_binary_that_would_migrate() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("data")).expect("made");
    let url = DatabaseUrl::parse(&format!("sqlite://{}", folder.path().join("data/assent.db").display())).expect("a URL");
    let held = lock(&url).expect("free").expect("SQLite");
    let own = std::process::id().to_string();
    let run = |command: &str| {
        let output = assent(folder.path(), &command.split(' ').collect::<Vec<_>>());
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (status, said) = run("serve");
    assert_eq!(status, Some(1));
    assert!(said.contains(&format!("process {own} is already using it")), "{said}");
    let (status, said) = run("new-key --yes");
    assert_eq!(status, Some(2));
    assert!(said.contains(&format!("process {own} is using")) && said.contains("stop the server first"), "{said}");
    drop(Store::open(&url).expect("a command of the same version opens it"));
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(folder.path().join("data/assent.db"), &link).expect("linked");
    let through = lock(&DatabaseUrl::parse(&format!("sqlite://{}", link.display())).expect("a URL"));
    assert!(through.is_err_and(|error| error.to_string().contains("is already using it")), "another name for the same file");
    let forget = "DELETE FROM __diesel_schema_migrations";
    diesel::sql_query(forget).execute(&mut anew(&url)).expect("forgotten");
    let (status, said) = run("migrate");
    assert_eq!(status, Some(1));
    assert!(said.contains(&format!("process {own} serves it with an older version")), "{said}");
    drop(held);
    let free = lock(&url).expect("free again");
    assert!(free.is_some());
}
