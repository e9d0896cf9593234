//! The tables of both backends, in portable types only. The migrations are the source of truth, and this file mirrors them.

diesel::table! {
    disclosures (hash) {
        hash -> Text,
        facts_hash -> Text,
        locale -> Text,
        kind -> Text,
        text -> Text,
        html -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    inbound_messages (id) {
        id -> BigInt,
        provider -> Text,
        provider_message_id -> Text,
        phone -> Nullable<Text>,
        text -> Nullable<Text>,
        keyword -> Nullable<Text>,
        received_at -> Timestamp,
        review_by -> Nullable<Timestamp>,
        review_rank -> Integer,
        mailed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    inbound_parts (id) {
        id -> BigInt,
        provider -> Text,
        provider_message_id -> Text,
        phone -> Nullable<Text>,
        sent_to -> Text,
        reference -> Text,
        part -> Integer,
        parts -> Integer,
        text -> Nullable<Text>,
        waiting -> Bool,
        received_at -> Timestamp,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        name -> Text,
        site -> Text,
        way -> Text,
        site_ref -> Text,
        phone -> Nullable<Text>,
        phone_shown -> Bool,
        locale -> Nullable<Text>,
        return_url -> Text,
        cancel_url -> Text,
        state -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        code_hash -> Nullable<Text>,
        code_expires_at -> Nullable<Timestamp>,
        exchanged_at -> Nullable<Timestamp>,
        idempotency_key -> Nullable<Text>,
        request_digest -> Nullable<Text>,
        forget_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    signing_keys (id) {
        id -> Text,
        jwk -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    verifications (id) {
        id -> BigInt,
        reference -> Text,
        browser -> Nullable<Text>,
        phone -> Nullable<Text>,
        phone_typed -> Nullable<Text>,
        state -> Text,
        method -> Nullable<Text>,
        attempts -> Integer,
        resends -> Integer,
        caused_text -> Bool,
        disclosure_hash -> Text,
        disclosure_inferred -> Bool,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        locale -> Text,
        url -> Nullable<Text>,
        consented_at -> Timestamp,
        last_request_at -> Timestamp,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        verified_at -> Nullable<Timestamp>,
        reply_generation -> Integer,
        reply_first -> Integer,
        reply_requested -> Integer,
        wrong_entry -> Nullable<Text>,
        consent_revoked -> Bool,
        prior_browser -> Nullable<Text>,
        address -> Nullable<Text>,
        network -> Nullable<Text>,
        charges -> Integer,
        forget_at -> Nullable<Timestamp>,
        session_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    codes (id) {
        id -> BigInt,
        verification_id -> BigInt,
        phone -> Text,
        kind -> Text,
        generation -> Nullable<Integer>,
        lookup -> Text,
        salt -> Nullable<Text>,
        hash -> Nullable<Text>,
        issued_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    number_failures (phone) {
        phone -> Text,
        failures -> Integer,
        forget_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    counts (scope, subject) {
        scope -> Text,
        subject -> Text,
        shares -> Text,
        version -> BigInt,
        over_at -> Timestamp,
    }
}

diesel::table! {
    consents (seq) {
        seq -> BigInt,
        format -> Integer,
        phone -> Nullable<Text>,
        kind -> Text,
        source -> Text,
        disclosure_hash -> Nullable<Text>,
        disclosure_inferred -> Bool,
        locale -> Nullable<Text>,
        channel -> Nullable<Text>,
        erases -> Nullable<Text>,
        requested_at -> Nullable<Timestamp>,
        recorded_at -> Timestamp,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        words -> Nullable<Text>,
        url -> Nullable<Text>,
        inbound_message_id -> Nullable<BigInt>,
        salt -> Nullable<Text>,
        commitments -> Text,
        record_digest -> Text,
        previous_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    installation (id) {
        id -> Integer,
        key_check -> Nullable<Text>,
        heartbeat_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    ledger_heads (chain) {
        chain -> Text,
        seq -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    subscribers (id) {
        id -> BigInt,
        phone -> Text,
        standing -> Text,
        locale -> Text,
        consent_seq -> Nullable<BigInt>,
        verified_at -> Nullable<Timestamp>,
        subscribed_at -> Nullable<Timestamp>,
        opted_out_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    locks (key) {
        key -> Text,
        taken_at -> Timestamp,
    }
}

diesel::table! {
    messages (id) {
        id -> BigInt,
        phone -> Nullable<Text>,
        kind -> Text,
        basis -> Text,
        consent_seq -> Nullable<BigInt>,
        verification_id -> Nullable<BigInt>,
        inbound_message_id -> Nullable<BigInt>,
        status -> Text,
        text -> Nullable<Text>,
        sealed_text -> Nullable<Text>,
        attempts -> Integer,
        due_at -> Timestamp,
        provider -> Nullable<Text>,
        provider_message_id -> Nullable<Text>,
        error -> Nullable<Text>,
        permanent -> Bool,
        queued_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        claimed_until -> Nullable<Timestamp>,
        sent_at -> Nullable<Timestamp>,
        delivered_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    message_parts (provider, provider_message_id) {
        provider -> Text,
        provider_message_id -> Text,
        message_id -> BigInt,
    }
}

diesel::table! {
    early_receipts (provider, provider_message_id) {
        provider -> Text,
        provider_message_id -> Text,
        outcome -> Text,
        error -> Nullable<Text>,
        received_at -> Timestamp,
    }
}

diesel::table! {
    emails (id) {
        id -> BigInt,
        kind -> Text,
        facts -> Text,
        status -> Text,
        attempts -> Integer,
        error -> Nullable<Text>,
        queued_at -> Timestamp,
        due_at -> Timestamp,
        claimed_until -> Nullable<Timestamp>,
        sent_at -> Nullable<Timestamp>,
    }
}

diesel::joinable!(messages -> inbound_messages (inbound_message_id));
diesel::joinable!(codes -> verifications (verification_id));
diesel::joinable!(consents -> disclosures (disclosure_hash));
diesel::allow_tables_to_appear_in_same_query!(
    codes,
    counts,
    verifications,
    consents,
    disclosures,
    number_failures,
    subscribers,
    messages,
    inbound_messages
);
