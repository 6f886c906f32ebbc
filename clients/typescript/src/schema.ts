// Generated from the OpenAPI document by generate.mjs: `make client`. Do not edit.

export interface paths {
    "/api/community": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the community
         * @description For a front end's first screen: its name, its rules, and how people come in. Nobody has to be signed in.
         */
        get: operations["get_community"];
        /**
         * Change the community
         * @description For admins. Fields that are left out stay as they are. Other rules are the next version of the rules, and everybody is asked to agree to them anew. `photo_url` is the address of a photo that you have uploaded.
         */
        put: operations["put_community"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/community/agreement": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Agree to the rules of the community
         * @description Needed before the first request, and again when `rules_version` of the community is above `rules_agreed` of your profile: until then, asking somebody is answered with 403 `rules.not_agreed`. 409 when the rules have changed since you read them; `current` has them as they are now.
         */
        put: operations["put_agreement"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/application": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get your application
         * @description 404 when you are a member. Until you are let in you see how many people teach how many skills, and none of them.
         */
        get: operations["get_application"];
        put?: never;
        /**
         * Apply to the community, or answer what the moderators have asked
         * @description Takes a profile with a skill on each side, and agreement to the rules. Where people come in by links only, nobody can apply: 403.
         */
        post: operations["post_application"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/moderation/applications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List applications
         * @description For moderators. Longest waiting first; `after` is the id of the last user seen.
         */
        get: operations["list_applications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/moderation/applications/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide about an application
         * @description For moderators: let in, not now (which may become a yes later), or ask something. Of two moderators at the same time one gets 409. Nobody decides about themselves.
         */
        post: operations["decide_application"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/invites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your invite links
         * @description Newest first, those that are over included.
         */
        get: operations["list_invites"];
        put?: never;
        /**
         * Make an invite link
         * @description Moderators always, members where the community lets them: one at a time, five uses in thirty days. A use counts when the invited person's profile is complete.
         */
        post: operations["post_invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/invites/codes/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See what an invite link is worth
         * @description For the page behind the link, before anybody has signed in. 404 for a code that there never was.
         */
        get: operations["get_invite"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/invites/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Come in by an invite link
         * @description You are a member as soon as your profile has a skill on each side. 404 alike for links that are unknown, used up, expired or taken back.
         */
        post: operations["accept_invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/invites/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End an invite link
         * @description Your own; moderators end everybody's. Whoever came by it and is in stays.
         */
        delete: operations["delete_invite"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/user": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get your own profile
         * @description It also has what others never see: your address, your coordinates and your settings.
         */
        get: operations["get_user"];
        /**
         * Update your own profile
         * @description Fields that are left out stay as they are. `photo_url` is the address of a photo that you have uploaded, or null to remove it. The profile may be sent back as a whole; what cannot be changed has to be as it is.
         */
        put: operations["put_user"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/user/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Be shown to others again
         * @description After four requests or sessions that others waited for in vain within 30 days nobody finds you until you say so; your swaps go on. Changes nothing if you are not paused.
         */
        post: operations["post_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find users who teach a skill, best first, or users by name
         * @description Give either `skill` or `name`. Only public profiles are found. When there are more, the `Link` header names the next page; its `cursor` is opaque. `X-Total-Count` counts the users of all pages, to 1000.
         */
        get: operations["search_users"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a user's public profile
         * @description 404 alike for private and deleted profiles and for unknown ids.
         */
        get: operations["view_user"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/skills": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Complete the beginning of a skill
         * @description Skills with a name that begins with `q`, ignoring case and accents: first by their names in your language, then by other names, then skills that users here teach or want and that have no name yet. When there are none, similar spellings are returned with `is_guess`: ask the user to confirm them.
         */
        get: operations["complete_skills"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/skills/categories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the categories
         * @description Each with the names of its skills in your language.
         */
        get: operations["list_categories"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/skills/pending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List skills without a decision
         * @description For moderators. In the order of keys; `after` is the key of the last one seen.
         */
        get: operations["list_pending"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/skills/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Name, merge or reject a skill
         * @description For moderators. The profiles of all users with the skill are updated within seconds. Of two different decisions at the same time one gets 409; repeating a decision is not an error.
         */
        post: operations["decide"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/matches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the users with whom a swap is possible, best first
         * @description They teach a skill that you want and want a skill that you teach. Users whom you have asked or skipped are suggested again when the skills between you change, or after sixty days. `kind=could_teach_you` lists users who teach what you want and want nothing that you teach. Until the end of the day the pages of the `Link` header have no repeats and no gaps. For an empty list, `GET /api/matches/advice` says what would help.
         */
        get: operations["list_matches"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/matches/advice": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get advice for an empty list of matches
         * @description Counts of people by skill: who wants yours, who teaches what you want, and skills to add.
         */
        get: operations["get_advice"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/matches/reconsider": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Suggest again all users whom you have skipped, passed or rejected
         * @description Returns how many of them are still there and suit.
         */
        post: operations["reconsider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/matches/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the match with one user, whether or not a swap is possible
         * @description The user, what the two of you could teach each other, reasons and caveats. 404 alike for private and deleted profiles and for unknown ids.
         */
        get: operations["get_match"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/matches/{id}/times": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Suggest times for a first session with a user, for `slots` of a request
         * @description For a calendar: up to four whole hours of each of the next seven days that have any. They suit both, as far as their profiles say when they are free, and none overlaps a session of yours.
         */
        get: operations["suggest_times"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/matches/{id}/skip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Skip a user who does not suit you
         * @description They are suggested again when the skills between you change, or after sixty days.
         */
        post: operations["skip_match"];
        /**
         * Undo a skip or a pass
         * @description The user may be suggested again at once. 404 when there is nothing to undo.
         */
        delete: operations["take_back"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/matches/{id}/pass": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pass a user for now
         * @description They are suggested again like a skipped user, or after `POST /api/matches/reconsider`.
         */
        post: operations["pass_match"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your alerts
         * @description Newest first, each with the teachers it has found. An alert expires after 90 days and can be renewed for 30 more.
         */
        get: operations["list_alerts"];
        put?: never;
        /**
         * Create an alert for a skill
         * @description You are notified when a user starts to teach the skill: at most once a day for each skill, once about each teacher, for 90 days. Posting it again restarts the 90 days. Those who teach it already are listed by `GET /api/users?skill=`.
         */
        post: operations["post_alert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/alerts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete an alert
         * @description Returns the remaining alerts.
         */
        delete: operations["delete_alert"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/blocks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the users whom you have blocked, latest first
         * @description Users who have blocked you are not listed.
         */
        get: operations["list_blocks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/blocks/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Block a user
         * @description Neither of you sees the other any more, and what is open between you ends: requests, swaps, circles. The other side is notified that it has ended, but not why. Blocking again is not an error.
         */
        post: operations["post_block"];
        /**
         * Unblock a user
         * @description Returns the remaining blocks. Swaps and circles that the block has ended stay ended.
         */
        delete: operations["delete_block"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/circles/{id}/block/{seat}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Block somebody in one of your circles
         * @description Before all have joined you know no ids there: `seat` is `you_learn` (who teaches you) or `you_teach`. The circle goes on without you. The list of your blocks says no more than the seat.
         */
        post: operations["post_seat_block"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/swap": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your swaps, newest first
         * @description `before` is the `_id` of the last swap seen. When there are more, the `Link` header names the next page.
         */
        get: operations["list_swaps"];
        put?: never;
        /**
         * Request a swap
         * @description `offered_skill` is one that you teach, `wanted_skill` one that the other user teaches. 409 if the two of you have this swap open already; `current` is that swap. If the other user has asked you for the same, nothing new is made: that request is accepted, with your message, and the status is 200. How many may be open at a time: `GET /api/quota`.
         */
        post: operations["post_swap"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/swap/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get one of your swaps
         * @description The `ETag` header is its version, for `If-Match`.
         */
        get: operations["get_swap"];
        /**
         * Accept, reject or cancel a swap
         * @description The user whose turn it is accepts or rejects the request, the other one cancels it; either can end a running swap. Repeating your answer changes nothing. 409 if the swap has changed meanwhile; `current` is the swap as it is now. With `If-Match` (the ETag that you have read) the status is 412 instead; `version` in the body has the same effect with 409. The whole swap may be sent back with its new status; with the status that it has, nothing changes. A no may have a `reason`, in the same request or within a day: the other user reads a kind sentence, never the reason.
         */
        put: operations["put_swap"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/swap/{id}/counter": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Answer a request with a counter-offer
         * @description Only the user whose turn it is can: `offered_skill` is one that you teach, `wanted_skill` one that the other user teaches. The request stays pending and the other one has to answer; only you have agreed to the new offer. The first counter-offer starts the five days anew, later ones do not. At most five offers, the request included. Repeating your offer changes nothing. 409 and 412 as for the answer.
         */
        post: operations["post_counter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/swap/{id}/again": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for the same swap again
         * @description Makes a new request for the two skills of one that has expired, whichever of the two you are; of one that was declined only if it was you who declined it. `can` has `again` for 14 days. The author of the last offer repeats its message, and those of its `slots` that are still to come. Otherwise as `POST /api/swap`.
         */
        post: operations["post_again"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/swap/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your sessions between two times, in order
         * @description Those that are agreed on, and those that are offered, by the first of their times; at most 200.
         */
        get: operations["list_swap_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/swap/{id}/times": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Suggest times for a session of a swap
         * @description For a calendar: up to four whole hours of each of the next seven days that have any. They suit both, as far as their profiles say when they are free, and none overlaps a session of yours; in a circle they suit you.
         */
        get: operations["suggest_session_times"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/swap/{id}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Offer a session, or note one that took place
         * @description The other one agrees to one of the times. What you note with `met` the other one confirms within a week. At most three sessions of a swap can be offered or agreed on at the same time, and twenty in all.
         */
        post: operations["post_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/swap/{id}/sessions/{sid}.ics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get one of your sessions as a file for calendars
         * @description iCalendar (RFC 5545) with one entry in UTC. Its UID stays, and SEQUENCE grows when the session is moved or called off. 409 for a session without an agreed time.
         */
        get: operations["get_session_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/swap/{id}/sessions/{sid}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get one of your sessions
         * @description The `ETag` header is the version of its swap, for `If-Match`.
         */
        get: operations["get_swap_session"];
        /**
         * Agree to a session, confirm it, move it, say where it is, call it off, or say what became of it
         * @description Repeating it changes nothing. A session can be moved twice. Until it begins it can be called off, and from its end on answered. 409 and 412 as for the answer to a request.
         */
        put: operations["put_session"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/swap/{id}/arrange": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that you two arrange your sessions by yourselves
         * @description No times are suggested any more. After two weeks you are asked whether you have met.
         */
        post: operations["post_arrange"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/swap/{id}/not-yet": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that you have not met yet, but will
         * @description The time after which a swap without a plan lapses begins anew.
         */
        post: operations["post_not_yet"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/swap/{id}/done": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that you are done with a swap
         * @description When all have said so it is completed. 409 before any session has taken place.
         */
        post: operations["post_done"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/swap/{id}/statement": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Say your side of a dispute
         * @description Within 72 hours, and only the moderators read it. A later one takes the place of an earlier one.
         */
        put: operations["put_statement"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/calendar": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Say whether you have a calendar feed
         * @description The address itself is shown only once, when it is made.
         */
        get: operations["get_calendar"];
        put?: never;
        /**
         * Make a calendar feed, or a new address for yours
         * @description Google, Apple and Outlook subscribe to its `url`. Whoever knows it reads your sessions, nothing else; the address before it ends. Calendars may take a day to show a change.
         */
        post: operations["post_calendar"];
        /**
         * End your calendar feed
         * @description Its address stops working at once. Repeating it changes nothing.
         */
        delete: operations["delete_calendar"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/waiting": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what waits for you, the nearest end first
         * @description Only what you can still do: an expired request is not among it. The number is good for a badge.
         */
        get: operations["get_waiting"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/badges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count what waits for you, and your unread conversations
         * @description The numbers of a navigation, in one small answer; ask again when a socket event says that something has changed.
         */
        get: operations["get_badges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quota": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get how many requests you may still make
         * @description When all places are taken, `POST /api/swap` and `POST /api/circles` answer 429 with the same numbers in `quota`.
         */
        get: operations["get_own_quota"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/screened": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your words that wait for a moderator's look
         * @description A newcomer's first words with a link, an @name, a mail address or a phone number do, for twelve hours at most.
         */
        get: operations["list_screened"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/screened/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Take words back before they are sent
         * @description Returns those that still wait. A request is withdrawn with `PUT /api/swap/{id}` instead.
         */
        delete: operations["delete_screened"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reviews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rate a partner of a completed swap
         * @description For fourteen days after the end. Neither of you sees the other's rating, and no mean counts it, until both are written or the days are over. `note_to_moderators` is read by them alone.
         */
        post: operations["post_review"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reviews/decline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide not to rate a partner
         * @description You get no more reminders, the other's rating is shown at once, and you cannot rate this swap any more.
         */
        post: operations["decline_review"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reviews/pending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the ratings that you can still write, the most urgent first
         * @description Each with the day until which it can be written.
         */
        get: operations["list_pending_reviews"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reviews/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Edit a rating that is not shown yet
         * @description Once both are written, or the fourteen days are over, it stays as it is.
         */
        put: operations["put_review"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reviews/{id}/reply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Answer a rating of you, publicly and once
         * @description The rating has to be shown. Repeating the same answer is not an error.
         */
        post: operations["post_reply"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/swap/{id}/reviews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the ratings of one of your swaps
         * @description Your own, and those that are shown; the line for the moderators is in your own alone.
         */
        get: operations["list_swap_reviews"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}/reviews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the ratings of a user, newest first
         * @description Those that are shown; `before` is the `_id` of the last one seen.
         */
        get: operations["list_user_reviews"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/moderation/notes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the lines that were written for the moderators with ratings, newest first
         * @description For moderators.
         */
        get: operations["list_review_notes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organisers/letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read what the organisers and you have written to each other
         * @description They write about you, or ask you something; which of the moderators wrote is not said.
         */
        get: operations["get_letters"];
        put?: never;
        /**
         * Answer the organisers
         * @description Their last letter takes three answers; a warning or a suspension takes one. 409 when there is nothing to answer.
         */
        post: operations["post_answer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/moderation/people/{id}/letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read what the organisers and a user have written to each other
         * @description For moderators, who see which of them has written.
         */
        get: operations["get_person_letters"];
        put?: never;
        /**
         * Write to a user in the name of the organisers
         * @description For moderators. It is no strike; the user does not learn who wrote, and can answer three times.
         */
        post: operations["post_letter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report somebody to the moderators
         * @description A copy of what it is about goes along: the profile, the note of a request, a rating. Reporting the same thing again in the same words changes nothing, in other words it is 409. At most five reports a day.
         */
        post: operations["post_report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/moderation/cases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the cases
         * @description Open and taken ones oldest first, done ones newest first. A case about yourself is not among them. When there are more, the `Link` header names the next page.
         */
        get: operations["list_cases"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/moderation/cases/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a case
         * @description With its reports and their evidence, and earlier cases about the same person.
         */
        get: operations["get_case"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/moderation/cases/{id}/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a case, give it back, or decide it
         * @description 409 when another moderator was faster; `current` is the case as it stands.
         */
        post: operations["post_action"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/user/warning/acknowledge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Acknowledge a warning
         * @description Until then everything else is answered with 403 `standing.warned`.
         */
        post: operations["post_acknowledgement"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/moderation/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what was decided about people, newest first
         * @description When there are more, the `Link` header names the next page.
         */
        get: operations["get_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/moderation/audit/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Undo a decision about a person
         * @description Within ten minutes, and if nothing was decided about them since.
         */
        post: operations["post_undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/moderation/people/{id}/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Warn, hide, suspend or ban a person, or take that back later
         * @description What cannot be undone (swaps end, partners are told) waits for ten minutes, in which the decision can be undone.
         */
        post: operations["post_person_action"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/moderation/staff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the moderators and admins
         * @description For one of them, in the order in which they came.
         */
        get: operations["get_staff"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/moderation/people/{id}/role": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Give somebody a role, or take it back
         * @description For admins, and about others: one admin is always left. It takes effect at once, and stands in the audit.
         */
        put: operations["put_role"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disputes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the open disputes
         * @description For moderators: swaps whose two remember a session differently, oldest first. Those that you take part in are not among them. When there are more, the `Link` header names the next page.
         */
        get: operations["list_disputes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disputes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Decide a dispute
         * @description For moderators without a part in it. Both are told, with the reason. Of two decisions at the same time one gets 409.
         */
        put: operations["put_dispute"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/circles/possible": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the circles that you could ask for
         * @description Those for a skill that nobody could teach you in a direct swap come first, then the best ones. You teach the first member, the first teaches the second, the second teaches you. No two of you could swap directly. The others are not notified before you ask. When there are more, the `Link` header names the next page; `X-Total-Count` counts the circles of all pages.
         */
        get: operations["list_possible"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/circles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your circles, newest first
         * @description Until all three have joined, members are shown by first name, without ids.
         */
        get: operations["list_circles"];
        put?: never;
        /**
         * Ask the members of a possible circle
         * @description `key` is from the list of possible circles. The others have 72 hours to join. Counts towards your daily limit of requests.
         */
        post: operations["post_circle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/circles/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get one of your circles
         * @description Until all three have joined you get first names and no user ids.
         */
        get: operations["get_circle"];
        /**
         * Join, decline or leave a circle
         * @description A join refers to a `version`; with the last join the circle is accepted. Until then a member can decline: the joins of the others stay, and a replacement is searched for once, for 48 hours. Leaving an accepted circle ends it for all three. Repeating your answer changes nothing. 409 includes the circle as it is now in `current`.
         */
        put: operations["put_circle"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{swap_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the messages of a swap, in order
         * @description `after` (a `seq`) gives the messages after it, `before` those just before it; without either, the newest. At most 200 per page; when there are more in that direction, the `Link` header names the next page.
         */
        get: operations["list_messages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your running conversations
         * @description The newest message, the number of unread messages and the read marks of each. At most 100, newest swap first; unread messages are counted up to 100.
         */
        get: operations["list_conversations"];
        put?: never;
        /**
         * Send a message in a swap
         * @description In an accepted swap, and for 14 days after a completed one, without limit. While a request is pending, the user whose turn it is writes freely, and the other one three messages until they are answered; for 14 days after a no or an expiry both write three messages until answered. More is 409 `chat.wait_for_answer`. When more arrives than can be passed on, messages wait for their turn up to a second; beyond that they are refused with 503 `chat.busy` and `Retry-After`. 201 once the message is stored durably. A repeated `client_id` returns the first message with 200. 202 when a moderator looks at it first (`is_screened`).
         */
        post: operations["post_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get everything that you missed
         * @description For each conversation: the messages after `after`, and those edited or deleted since `changes`; send the returned `changes` with the next sync. With `since` (the `cursor` of the last sync) also the swaps that have changed, and your profile. With `resync_required` your position is too old: load the data anew.
         */
        post: operations["post_sync"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{swap_id}/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set your read mark
         * @description The sockets of all participants receive `chat:read`. The mark never moves back. Messages read here no longer make a sound in Telegram.
         */
        put: operations["put_read"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{swap_id}/{seq}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Edit a message of yours
         * @description Within 48 hours of sending. The old text is not kept. The sockets of all participants receive `chat:edited`, and the copies in Telegram are edited. 202 when a moderator looks at the new text first (`is_screened`); until then the others have the old one.
         */
        put: operations["put_message"];
        post?: never;
        /**
         * Delete a message of yours, for all participants
         * @description The message keeps its `seq`, empty and with a `deleted_at`. The sockets of all participants receive `chat:deleted`, and the copies in Telegram are deleted. Deleting it again is not an error.
         */
        delete: operations["delete_message"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/upload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Upload a photo
         * @description multipart/form-data with the photo in the field `file`: JPEG, PNG or WebP, at most 10 MB. A field `photo`, `image` or `avatar` does as well. Further fields are ignored, a second file is an error. `purpose=profile` (the default) makes it your profile photo; a photo with `purpose=chat` can be sent in a message. Returns its address and its size.
         */
        post: operations["post_upload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/user/delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Delete your account
         * @description Your profile, photos and messages go, your open swaps end, and the others are told. All your sessions end. There is no way back.
         */
        post: operations["post_leaving"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the session, as NextAuth returns it
         * @description `{}` when nobody is signed in. A session in a cookie is renewed by each request.
         */
        get: operations["get_session"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/mini-app": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in a Telegram Mini App
         * @description `init_data` is `Telegram.WebApp.initData`, unchanged; it is accepted once, within an hour. The token is a session like any other: send it as `Authorization: Bearer`, and as `auth: {token}` when a socket connects. No cookie is set.
         */
        post: operations["post_mini_app"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the sign-in providers
         * @description An object by provider id, as NextAuth's `getProviders` expects it.
         */
        get: operations["get_providers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/csrf": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the CSRF token
         * @description Forms sent to `/api/auth/*` must contain it. It belongs to the cookie `next-auth.csrf-token` of the response and is valid as long as the cookie.
         */
        get: operations["get_csrf"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your linked accounts
         * @description Each is a way to sign in. To link another one, sign in with it while you are signed in.
         */
        get: operations["list_accounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/accounts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Unlink an account
         * @description Returns the remaining accounts. 409 for the last one, without which you could not sign in again.
         */
        delete: operations["delete_account"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/accounts/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create a merge code
         * @description Enter the code in another profile of yours to merge that profile into this one. It is valid once, for ten minutes; a new code replaces it. Keep it secret: a user who enters it is merged into your profile.
         */
        post: operations["post_merge_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/accounts/merge/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Preview a merge
         * @description Returns the profile that yours would be merged into. Nothing is changed.
         */
        post: operations["preview_merge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/accounts/merge/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Merge your profile into another one
         * @description Your swaps, messages, photos and linked accounts move to the profile that created the code. All or nothing, and it cannot be undone. The sessions of your old profile end; this browser is signed in to the remaining one.
         */
        post: operations["accept_merge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your sessions, last used first
         * @description `seen_at` is exact to the hour. Sessions that a front end issued by itself are not listed; signing out everywhere ends those, too.
         */
        get: operations["list_sessions"];
        put?: never;
        post?: never;
        /**
         * Sign out everywhere
         * @description Ends all sessions, this one included. Earlier tokens are no longer valid.
         */
        delete: operations["delete_sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End a session
         * @description Its sockets are closed. Returns the remaining sessions.
         */
        delete: operations["delete_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check that the process is alive
         * @description Always 200 while the process answers; the database is not asked.
         */
        get: operations["get_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check that the service can do its work
         * @description `parts` gives the state of each part. 503 when a part that is needed is down, or when the process is about to stop.
         */
        get: operations["get_readiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/socket": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the path and the versions of the Socket.IO server
         * @description This is the answer without Engine.IO's parameters; with them, a Socket.IO client connects here.
         */
        get: operations["get_socket"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * CommunityDocument
         * @description The community that this service is for.
         *
         *     `is_set_up` is false until an admin has given it a name; it is open to everybody until then. `join` is how people
         *     come in. `rules_version` counts the changes of the rules. `languages` are codes of ISO 639.
         */
        CommunityDocument: {
            /** Name */
            name: string;
            /** About */
            about: string;
            /** Photo Url */
            photo_url: string | null;
            /** Rules */
            rules: string;
            /** Rules Version */
            rules_version: number;
            /** Languages */
            languages: string[];
            /** Contact */
            contact: string;
            /**
             * Join
             * @enum {string}
             */
            join: "open" | "link" | "approval" | "group";
            /** Question */
            question: string;
            /** Members May Invite */
            members_may_invite: boolean;
            /** Is Set Up */
            is_set_up: boolean;
            /** Version */
            version: number;
        };
        /**
         * CaseDocument
         * @description A case about a person. `can` lists the actions that you may take now.
         */
        CaseDocument: {
            /** Id */
            _id: string;
            /** About */
            about: string;
            /** State */
            state: string;
            /** Kinds */
            kinds: string[];
            /** Reasons */
            reasons: string[];
            /** Reports */
            reports: number;
            /** Taken By */
            taken_by: string | null;
            /** Decision */
            decision: string | null;
            /** Opened At */
            opened_at: string;
            /** Updated At */
            updated_at: string;
            /** Version */
            version: number;
            /** Can */
            can: string[];
            /** History */
            history: components["schemas"]["CaseEventDocument"][];
        };
        /**
         * CaseEventDocument
         * @description Event of a case; `by` is null for the service.
         */
        CaseEventDocument: {
            /** At */
            at: string;
            /** By */
            by: string | null;
            /** Action */
            action: string;
            /** Reason */
            reason: string;
        };
        /**
         * CircleDocument
         * @description A circle of three, as you see it.
         *
         *     `status`: `proposed`, `accepted` (all have joined: you can chat), `cancelled`, `expired`, or
         *     `declined` (you have left it). `can`: `join`, `leave`, `chat`, `plan` and further verbs of a swap.
         *     Once it is accepted, `_id` is the `swap_id` of its conversation, and its `sessions` are yours with
         *     one of the others.
         */
        CircleDocument: {
            /** Sessions */
            sessions: components["schemas"]["SwapSessionDocument"][];
            /** Stage */
            stage: ("talking" | "planned" | "asking") | null;
            next_action: components["schemas"]["NextActionDocument"] | null;
            /** Slots */
            slots: string[];
            /** Minutes */
            minutes: number;
            /** Arranged By */
            arranged_by: string | null;
            /** Done */
            done: string[];
            /** One Way */
            one_way: boolean;
            /** Completed At */
            completed_at: string | null;
            /** Statement */
            statement: string | null;
            /** Id */
            _id: string;
            /** Status */
            status: string;
            /** Version */
            version: number;
            you_teach: components["schemas"]["SeatDocument"];
            you_learn: components["schemas"]["SeatDocument"];
            /** Between */
            between: string;
            /** Has Joined */
            has_joined: boolean;
            /** Is Searching */
            is_searching: boolean;
            /** Due At */
            due_at: string | null;
            /** Can */
            can: string[];
        };
        /**
         * EventDocument
         * @description An event in a swap's history. `by` is null for an event of the service, such as an expiry.
         */
        EventDocument: {
            /** At */
            at: string;
            /** By */
            by: string | null;
            /** Event */
            event: string;
            /** Status */
            status: string;
        };
        /**
         * FieldError
         * @description An invalid field and what is wrong with it.
         */
        FieldError: {
            /** Field */
            field: string;
            /** Message */
            message: string;
        };
        /**
         * LegDocument
         * @description One direction of a swap: teacher, learner and skill.
         */
        LegDocument: {
            /** Teacher */
            teacher: string;
            /** Learner */
            learner: string;
            /** Skill */
            skill: string;
        };
        /**
         * MorePlaces
         * @description Places that a step would add: `first_day` when the account is a day old, `full_profile` with a photo and two
         *     skills each way, `first_swap` after a completed swap.
         */
        MorePlaces: {
            /**
             * Step
             * @enum {string}
             */
            step: "first_day" | "full_profile" | "first_swap";
            /** Places */
            places: number;
        };
        /**
         * NextActionDocument
         * @description Next action in a swap: by whom and until when; `session` is the session that it is about.
         */
        NextActionDocument: {
            /**
             * Verb
             * @enum {string}
             */
            verb: "answer" | "join" | "agree" | "meet" | "answer_session" | "plan" | "done" | "rate" | "state";
            /** By */
            by: string[];
            /** Until */
            until: string | null;
            /** Session */
            session: string | null;
        };
        /**
         * OfferDocument
         * @description An earlier offer of a request, with the note of the user who made it.
         */
        OfferDocument: {
            /** By */
            by: string;
            /** At */
            at: string;
            /** Offered Skill */
            offered_skill: string;
            /** Wanted Skill */
            wanted_skill: string;
            /** Message */
            message: string;
        };
        /**
         * QuotaDocument
         * @description Numbers of requests that you may have open, and that are.
         *
         *     A request takes a place until it is answered or expires; one that you take back, for the rest of its day. Answers
         *     and messages take none. `free_at` is when the next place is free at the latest.
         */
        QuotaDocument: {
            /** Limit */
            limit: number;
            /** Used */
            used: number;
            /** Left */
            left: number;
            /** Free At */
            free_at: string | null;
            /** More */
            more: components["schemas"]["MorePlaces"][];
        };
        /**
         * SeatDocument
         * @description One of the other two members.
         *
         *     `name` is "" while a member is searched for, and once a member has deleted their account;
         *     `user_id` is null until all three have joined. `leg` is the number that your sessions with this
         *     member have in `legs`, null until then, too.
         */
        SeatDocument: {
            /** Name */
            name: string;
            /** Skill */
            skill: string;
            /** User Id */
            user_id: string | null;
            /** Has Joined */
            has_joined: boolean;
            /** Leg */
            leg: number | null;
        };
        /**
         * SwapDocument
         * @description A swap.
         *
         *     `offered_skill` is what `from_user_id` teaches, `wanted_skill` what `to_user_id` teaches, after
         *     counter-offers too. `turn` is the user who has to answer a request, null for a swap that is not
         *     one; `message` is the note of the other. `offers` are the offers before the present one, and
         *     `rounds` counts them all. `decline_reason` is shown to the user who gave it, and `decline_note`
         *     to the other one: a sentence in the language of the request, or of the profile on sockets.
         *     `can` lists the actions that you may take now. `consents` is the version at which each
         *     participant agreed. `away` are other participants whom Telegram cannot reach, known once they
         *     have been written to.
         *
         *     `is_screened`: a moderator looks at your note first; until then you alone have this request.
         *
         *     A running swap has `sessions`. Its `stage` is `talking`, `planned` or `asking`, and `next_action`
         *     says what is to be done next, by whom and until when. A request may name `slots`.
         */
        SwapDocument: {
            /** Sessions */
            sessions: components["schemas"]["SwapSessionDocument"][];
            /** Stage */
            stage: ("talking" | "planned" | "asking") | null;
            next_action: components["schemas"]["NextActionDocument"] | null;
            /** Slots */
            slots: string[];
            /** Minutes */
            minutes: number;
            /** Arranged By */
            arranged_by: string | null;
            /** Done */
            done: string[];
            /** One Way */
            one_way: boolean;
            /** Completed At */
            completed_at: string | null;
            /** Statement */
            statement: string | null;
            /** Id */
            _id: string;
            /** From User Id */
            from_user_id: string;
            /** To User Id */
            to_user_id: string;
            /** Offered Skill */
            offered_skill: string;
            /** Wanted Skill */
            wanted_skill: string;
            /** Message */
            message: string;
            /** Status */
            status: string;
            /** Created At */
            created_at: string;
            /** Updated At */
            updated_at: string;
            /** Participants */
            participants: string[];
            /** Legs */
            legs: components["schemas"]["LegDocument"][];
            /** Consents */
            consents: {
                [key: string]: number;
            };
            /** Version */
            version: number;
            /** Due At */
            due_at: string | null;
            /** History */
            history: components["schemas"]["EventDocument"][];
            /** Turn */
            turn: string | null;
            /** Rounds */
            rounds: number;
            /** Offers */
            offers: components["schemas"]["OfferDocument"][];
            /** Decline Reason */
            decline_reason: string | null;
            /** End Reason */
            end_reason: string | null;
            /** Is Screened */
            is_screened: boolean;
            /** Decline Note */
            decline_note: string | null;
            /** Can */
            can: string[];
            /** Away */
            away: string[];
        };
        /**
         * SwapSessionDocument
         * @description A session of a swap, between two people.
         *
         *     `id` is unique in the swap, `legs` are numbers of the swap's `legs`, from 0. `slots` are the
         *     times that `offered_by` has offered, `starts_at` is the one agreed on. `answers` is what the two
         *     have said about it, by user id; `reason` is your own, for a no. `held_legs` took place, `is_auto`
         *     by one answer and the other's silence. `noted_by` has noted it afterwards. `is_late`: it was moved
         *     or called off shortly before. `confirmed` have said that they will be there. `sequence` increases
         *     with each change that calendars must know. `can`: `agree`, `confirm` (from a day before on),
         *     `move`, `call_off`, `answer`.
         */
        SwapSessionDocument: {
            /** Id */
            id: string;
            /** Legs */
            legs: number[];
            /** People */
            people: string[];
            /**
             * Status
             * @enum {string}
             */
            status: "offered" | "agreed" | "held" | "missed" | "called_off" | "disputed" | "unknown";
            /** Slots */
            slots: string[];
            /** Starts At */
            starts_at: string | null;
            /** Ends At */
            ends_at: string | null;
            /** Minutes */
            minutes: number;
            /** Mode */
            mode: string;
            /** Place */
            place: string;
            /** Link */
            link: string;
            /** Offered By */
            offered_by: string | null;
            /** Called Off By */
            called_off_by: string | null;
            /** Noted By */
            noted_by: string | null;
            /** Moves */
            moves: number;
            /** Is Late */
            is_late: boolean;
            /** Answers */
            answers: {
                [key: string]: string;
            };
            /** Reason */
            reason: string | null;
            /** Held Legs */
            held_legs: number[];
            /** Is Auto */
            is_auto: boolean;
            /** Confirmed */
            confirmed: string[];
            /** Sequence */
            sequence: number;
            /** Can */
            can: string[];
        };
        /**
         * ProblemDocument
         * @description RFC 9457 problem details. `current` comes with a conflict: the document as it is now. `quota` comes when all
         *     places for open requests are taken. `retry_after` is in how many seconds to try again, as the header `Retry-After`
         *     says; sockets have no headers.
         */
        ProblemDocument: {
            /** Type */
            type: string;
            /** Title */
            title: string;
            /** Status */
            status: number;
            code: components["schemas"]["ProblemCode"];
            /** Detail */
            detail: string;
            /** Request Id */
            request_id: string;
            /** Errors */
            errors?: components["schemas"]["FieldError"][];
            quota?: components["schemas"]["QuotaDocument"];
            /** Retry After */
            retry_after?: number;
            /** Current */
            current?: components["schemas"]["SwapDocument"] | components["schemas"]["CircleDocument"] | components["schemas"]["CommunityDocument"] | components["schemas"]["CaseDocument"];
        };
        /**
         * CommunityBody
         * @description Changes of the community; fields that are left out stay as they are, "" or null empties one.
         *
         *     `version` is the one that you have seen, if it has to be that one; `If-Match` does the same.
         */
        CommunityBody: {
            /** Name */
            name?: string;
            /** About */
            about?: string;
            /** Photo Url */
            photo_url?: string | null;
            /** Rules */
            rules?: string;
            /** Languages */
            languages?: string[];
            /** Contact */
            contact?: string;
            /**
             * Join
             * @enum {string}
             */
            join?: "open" | "link" | "approval" | "group";
            /** Question */
            question?: string;
            /** Members May Invite */
            members_may_invite?: boolean;
            /** Version */
            version?: number | null;
        };
        /**
         * CoordinatesDocument
         * @description Your position, to a tenth of a degree. Others see a rounded distance only.
         */
        CoordinatesDocument: {
            /** Latitude */
            latitude: number;
            /** Longitude */
            longitude: number;
        };
        /**
         * OwnUser
         * @description Your own profile.
         *
         *     `hours` are the hours in which you are free, on your own clock: seven lists, Monday first, of hours from 0 to 23.
         *     They follow `availability`: a slot named there counts as a whole until you give hours of it. Others do not see them.
         *     `rules_agreed` is the version of the community's rules that you have agreed to. `membership` is "member", or
         *     "applicant" until you are let in. `warned_at`, `suspended_until` and `standing_reason` say what the moderators have
         *     decided: a warning has to be acknowledged before anything else.
         */
        OwnUser: {
            /** Id */
            _id: string;
            /** Name */
            name: string;
            /** Email */
            email: string | null;
            /** Photo Url */
            photo_url: string | null;
            /** Location */
            location: string;
            /** Skills Offered */
            skills_offered: string[];
            /** Skills Wanted */
            skills_wanted: string[];
            /** Offered Levels */
            offered_levels: {
                [key: string]: string;
            };
            /** Wanted Levels */
            wanted_levels: {
                [key: string]: string;
            };
            /** Availability */
            availability: string;
            /** Hours */
            hours: number[][];
            coordinates: components["schemas"]["CoordinatesDocument"] | null;
            /** Is Public */
            is_public: boolean;
            /** Locale */
            locale: string;
            /** Timezone */
            timezone: string | null;
            /** Role */
            role: string;
            /** Status */
            status: string;
            /** Notifications */
            notifications: boolean;
            /** Telegram Linked */
            telegram_linked: boolean;
            /** Rules Agreed */
            rules_agreed: number;
            /** Membership */
            membership: string;
            /** Warned At */
            warned_at: string | null;
            /** Suspended Until */
            suspended_until: string | null;
            /** Standing Reason */
            standing_reason: string | null;
            /** Created At */
            created_at: string;
        };
        /**
         * AgreementBody
         * @description The `rules_version` of the rules that you agree to.
         */
        AgreementBody: {
            /** Rules Version */
            rules_version: number;
        };
        /**
         * NumbersDocument
         * @description Count of the people and of the skills that they teach: all that applicants see of the others.
         */
        NumbersDocument: {
            /** People */
            people: number;
            /** Skills */
            skills: number;
        };
        /**
         * ApplicationDocument
         * @description Your application.
         *
         *     `state`: begun, waiting, let_in or not_now. `asked` is what the moderators want to know besides: answer it in the
         *     same way as `question`.
         */
        ApplicationDocument: {
            /**
             * State
             * @enum {string}
             */
            state: "begun" | "waiting" | "let_in" | "not_now";
            /** Question */
            question: string;
            /** Answer */
            answer: string;
            /** Asked */
            asked: string;
            /** Replied */
            replied: string;
            /** Created At */
            created_at: string;
            /** Since */
            since: string | null;
            numbers: components["schemas"]["NumbersDocument"];
        };
        /**
         * ApplicationBody
         * @description The answer to the community's question, or to what the moderators have asked since.
         */
        ApplicationBody: {
            /**
             * Answer
             * @default
             */
            answer?: string;
        };
        /**
         * ApplicantDocument
         * @description An application for moderators. `invited_by` is the id of the member whose link they came by.
         */
        ApplicantDocument: {
            user: components["schemas"]["PublicUser"];
            /**
             * State
             * @enum {string}
             */
            state: "begun" | "waiting" | "let_in" | "not_now";
            /** Question */
            question: string;
            /** Answer */
            answer: string;
            /** Asked */
            asked: string;
            /** Replied */
            replied: string;
            /** Invited By */
            invited_by: string | null;
            /** Decided By */
            decided_by: string | null;
            /** Created At */
            created_at: string;
            /** Since */
            since: string | null;
            /** Version */
            version: number;
        };
        /**
         * FactsDocument
         * @description Facts counted about a user.
         *
         *     `member_since` is a month, `replies` how soon they usually answer a request, `no_shows` how often they did not come,
         *     as several people say.
         */
        FactsDocument: {
            /** Member Since */
            member_since: string;
            /** Swaps Held */
            swaps_held: number;
            /** Replies */
            replies: ("within_an_hour" | "within_a_day" | "within_three_days" | "seldom") | null;
            /** No Shows */
            no_shows: number;
            rating: components["schemas"]["RatingMean"] | null;
        };
        /**
         * PublicUser
         * @description The public part of a profile: no mail address, Telegram id or settings.
         */
        PublicUser: {
            /** Id */
            _id: string;
            /** Name */
            name: string;
            /** Photo Url */
            photo_url: string | null;
            /** Location */
            location: string;
            /** Skills Offered */
            skills_offered: string[];
            /** Skills Wanted */
            skills_wanted: string[];
            /** Offered Levels */
            offered_levels: {
                [key: string]: string;
            };
            /** Wanted Levels */
            wanted_levels: {
                [key: string]: string;
            };
            /** Availability */
            availability: string;
            facts: components["schemas"]["FactsDocument"];
        };
        /**
         * RatingMean
         * @description The mean of the stars, to a tenth, of `n` ratings; shown from three people on.
         */
        RatingMean: {
            /** Mean */
            mean: number;
            /** N */
            n: number;
        };
        /**
         * DecideBody
         * @description A decision about an application. `text` goes with "ask": the applicant reads it as from the organisers. `version`
         *     is the one that you have seen, if it has to be that one.
         */
        DecideBody: {
            /**
             * Decision
             * @enum {string}
             */
            decision: "let_in" | "not_now" | "ask";
            /**
             * Text
             * @default
             */
            text?: string;
            /** Version */
            version?: number | null;
        };
        /**
         * InviteDocument
         * @description An invite link. `start` is what follows `?start=` in the address of the bot, `url` the page of the same link.
         *
         *     `used` counts who has completed a profile by it. `state`: running, revoked, expired or used_up.
         */
        InviteDocument: {
            /** Id */
            _id: string;
            /** Code */
            code: string;
            /** Start */
            start: string;
            /** Url */
            url: string;
            /** Uses */
            uses: number;
            /** Used */
            used: number;
            /** Until */
            until: string;
            /** State */
            state: string;
        };
        /**
         * InviteBody
         * @description Bounds of a moderator's link; those of a member's are fixed.
         */
        InviteBody: {
            /** Uses */
            uses?: number | null;
            /** Days */
            days?: number | null;
        };
        /**
         * InviteViewDocument
         * @description Worth of an invite link. `invited_by` is the first name of its author while it runs, null afterwards.
         *
         *     `state`: running, revoked, expired or used_up.
         */
        InviteViewDocument: {
            /** State */
            state: string;
            /** Invited By */
            invited_by: string | null;
            /** Until */
            until: string;
        };
        /**
         * AcceptBody
         * @description The code of an invite link.
         */
        AcceptBody: {
            /** Code */
            code: string;
        };
        /**
         * CoordinatesBody
         * @description Degrees, north and east positive; stored to a tenth of a degree.
         */
        CoordinatesBody: {
            /** Latitude */
            latitude: number;
            /** Longitude */
            longitude: number;
        };
        /**
         * ProfileBody
         * @description Changes to your profile.
         *
         *     Fields that are left out stay as they are. Null empties an optional text, as "" does. With `hours` the slots in
         *     `availability` become those of which an hour is free; what is typed beside them stays. The whole profile may be sent
         *     back: `_id`, `email` and `role` cannot be changed and have to be yours, further fields are ignored.
         */
        ProfileBody: {
            /** Name */
            name?: string;
            /** Location */
            location?: string | null;
            /** Skills Offered */
            skills_offered?: string[];
            /** Skills Wanted */
            skills_wanted?: string[];
            /** Offered Levels */
            offered_levels?: {
                [key: string]: "beginner" | "intermediate" | "advanced" | "expert";
            };
            /** Wanted Levels */
            wanted_levels?: {
                [key: string]: "beginner" | "intermediate" | "advanced" | "expert";
            };
            /** Availability */
            availability?: string | null;
            /** Hours */
            hours?: number[][] | null;
            /** Is Public */
            is_public?: boolean;
            /**
             * Locale
             * @enum {string}
             */
            locale?: "en" | "es" | "de" | "fr";
            /** Timezone */
            timezone?: string | null;
            /** Notifications */
            notifications?: boolean;
            /** Photo Url */
            photo_url?: string | null;
            coordinates?: components["schemas"]["CoordinatesBody"] | null;
            /** Id */
            _id?: string | null;
            /** Email */
            email?: string | null;
            /** Role */
            role?: string | null;
        };
        /**
         * FactorDocument
         * @description A reason for or against a match: a key for the front end to word, and its parameters.
         *
         *     For: `common_time` {amount: `little`, `some` or `much`; n: hours a week of the slots that both
         *     have ticked, more than people have, so better not shown}, `near` {km}, `very_near`, `same_place`,
         *     `several_skills` {n}, `answers`, `level` {skill, level: the teacher's, at least the one you
         *     want to reach}, `new_here`, `same_language` {language}.
         *
         *     Against: `no_common_time`, `your_times_unknown`, `their_times_unknown`, `far` {km}, `low_level`
         *     {skill, level: below the one you want to reach}, `other_language` {language}, `away`.
         */
        FactorDocument: {
            /** Key */
            key: string;
            /** Params */
            params: {
                [key: string]: number | string;
            };
        };
        /**
         * MatchCard
         * @description A user, and why they match you.
         *
         *     `score` is from 0 to 1. `reasons` are at most three, strongest first;
         *     `caveats` are reasons against.
         */
        MatchCard: {
            user: components["schemas"]["PublicUser"];
            /** Teaches You */
            teaches_you: string[];
            /** You Teach */
            you_teach: string[];
            /** Shared Times */
            shared_times: string[];
            /** Score */
            score: number;
            /** Reasons */
            reasons: components["schemas"]["FactorDocument"][];
            /** Caveats */
            caveats: components["schemas"]["FactorDocument"][];
            /** Distance Km */
            distance_km: number | null;
        };
        /**
         * SkillDocument
         * @description A skill, with its name in your language or as a user has written it.
         *
         *     `key` is the same for all spellings. `teachers` and `learners` count other users whom you can
         *     see, to 100. `is_guess` marks a similar spelling.
         */
        SkillDocument: {
            /** Skill */
            skill: string;
            /** Key */
            key: string;
            /** Is Taught */
            is_taught: boolean;
            /** Is Wanted */
            is_wanted: boolean;
            /** Teachers */
            teachers: number;
            /** Learners */
            learners: number;
            /** Is Guess */
            is_guess: boolean;
        };
        /**
         * CategoryDocument
         * @description A category and the names of its skills.
         */
        CategoryDocument: {
            /** Category */
            category: string;
            /** Name */
            name: string;
            /** Skills */
            skills: string[];
        };
        /**
         * PendingSkillDocument
         * @description A skill without a decision, as first written. `similar` are names of skills that it may be.
         */
        PendingSkillDocument: {
            skill: components["schemas"]["SkillDocument"];
            /** Similar */
            similar: string[];
        };
        /**
         * DecisionDocument
         * @description A decision about a skill. `into` is the key of the skill it was merged into, or "".
         */
        DecisionDocument: {
            /** Key */
            key: string;
            /** Decision */
            decision: string;
            /** Names */
            names: {
                [key: string]: string;
            };
            /** Category */
            category: string;
            /** Aliases */
            aliases: string[];
            /** Into */
            into: string;
        };
        /**
         * DecisionBody
         * @description A moderator's decision about a skill.
         *
         *     `named` takes `names`, `category` and optionally `aliases`. `merged` takes `into`, any spelling
         *     of the other skill.
         */
        DecisionBody: {
            /** Key */
            key: string;
            /**
             * Decision
             * @enum {string}
             */
            decision: "named" | "merged" | "rejected";
            /** Names */
            names?: {
                [key: string]: string;
            };
            /**
             * Category
             * @default
             */
            category?: string;
            /**
             * Aliases
             * @default []
             */
            aliases?: string[];
            /**
             * Into
             * @default
             */
            into?: string;
        };
        /**
         * PeopleCountDocument
         * @description A skill and the people who teach it, or want it: others whom you can see.
         *
         *     `people` counts all. Each is in one of these: `can_ask`, `partners` (you swap with them),
         *     `asked` (your request waits), `asking` (theirs waits for you), `asked_before` (within sixty
         *     days), `passed` (you passed over or declined them), `busy` (many requests wait for them).
         */
        PeopleCountDocument: {
            /** Skill */
            skill: string;
            /** People */
            people: number;
            /** Can Ask */
            can_ask: number;
            /** Partners */
            partners: number;
            /** Asked */
            asked: number;
            /** Asking */
            asking: number;
            /** Asked Before */
            asked_before: number;
            /** Passed */
            passed: number;
            /** Busy */
            busy: number;
        };
        /**
         * SkillCountDocument
         * @description A skill and a number of people.
         */
        SkillCountDocument: {
            /** Skill */
            skill: string;
            /** People */
            people: number;
        };
        /**
         * AdviceDocument
         * @description Advice for an empty list of matches.
         *
         *     `wanting` counts the people who want each skill you teach, `teaching` those who teach each
         *     skill you want. `want_too` and `teach_too` are skills to add to your lists, with the matches
         *     you would gain, from a sample of 500 people. `skipped` is the number of people whom you have
         *     skipped and who would be suggested again. Counts stop at 1000.
         */
        AdviceDocument: {
            /** Wanting */
            wanting: components["schemas"]["PeopleCountDocument"][];
            /** Teaching */
            teaching: components["schemas"]["PeopleCountDocument"][];
            /** Want Too */
            want_too: components["schemas"]["SkillCountDocument"][];
            /** Teach Too */
            teach_too: components["schemas"]["SkillCountDocument"][];
            /** Skipped */
            skipped: number;
        };
        /**
         * ReconsideredDocument
         * @description The number of users who are suggested again.
         */
        ReconsideredDocument: {
            /** People */
            people: number;
        };
        /**
         * TimesDocument
         * @description Starts of a session that are suggested, in order.
         */
        TimesDocument: {
            /** Slots */
            slots: string[];
        };
        /**
         * SkippedDocument
         * @description The user who was skipped or passed.
         */
        SkippedDocument: {
            /** Id */
            _id: string;
        };
        /**
         * AlertDocument
         * @description An alert for a skill.
         *
         *     `found` are users who have started to teach it and are visible to you, latest last. An alert
         *     that is not running has expired and can be renewed.
         */
        AlertDocument: {
            /** Id */
            _id: string;
            /** Skill */
            skill: string;
            /** Is Running */
            is_running: boolean;
            /** Created At */
            created_at: string;
            /** Expires At */
            expires_at: string;
            /** Found */
            found: components["schemas"]["PublicUser"][];
        };
        /**
         * AlertBody
         * @description The skill to be alerted about.
         */
        AlertBody: {
            /** Skill */
            skill: string;
        };
        /**
         * BlockDocument
         * @description A user whom you have blocked. Of somebody in a circle that was not closed you know no id: there `_id` is that of
         *     the block, which unblocks all the same, and `name` the first name.
         */
        BlockDocument: {
            /** Id */
            _id: string;
            /** Name */
            name: string;
            /** Blocked At */
            blocked_at: string;
        };
        /**
         * ProposalBody
         * @description A swap request, perhaps with one to three `slots` for a first session of 15 to 240 `minutes` (60): times
         *     as for a session. `from_user_id` can only be yourself, and `status` that of a request; further fields are ignored.
         */
        ProposalBody: {
            /** To User Id */
            to_user_id: string;
            /** Offered Skill */
            offered_skill: string;
            /** Wanted Skill */
            wanted_skill: string;
            /**
             * Message
             * @default
             */
            message?: string;
            /** Slots */
            slots?: string[] | null;
            /** Minutes */
            minutes?: number | null;
            /** Timezone */
            timezone?: string | null;
            /** From User Id */
            from_user_id?: string | null;
            /** Status */
            status?: string | null;
        };
        /**
         * AnswerBody
         * @description An answer to a swap: `status` is accepted, rejected or cancelled. With `version`, a swap that
         *     has changed since is left as it is: 409. `reason` is that of a no. With `starts_at`, one of the
         *     `slots` of the request, a yes agrees on a session at that time.
         *
         *     The whole swap may be sent back. With the status that it has, nothing changes. Who takes part, the skills and the
         *     message have to be those of the swap, further fields are ignored.
         */
        AnswerBody: {
            /**
             * Status
             * @enum {string}
             */
            status: "pending" | "accepted" | "proposed" | "rejected" | "expired" | "cancelled" | "completed" | "not_happened" | "disputed" | "lapsed";
            /** Version */
            version?: number | null;
            /** Id */
            _id?: string | null;
            /** From User Id */
            from_user_id?: string | null;
            /** To User Id */
            to_user_id?: string | null;
            /** Offered Skill */
            offered_skill?: string | null;
            /** Wanted Skill */
            wanted_skill?: string | null;
            /** Message */
            message?: string | null;
            /** Reason */
            reason?: ("no_time" | "other_skill" | "too_far" | "dont_know" | "rather_not") | null;
            /** Starts At */
            starts_at?: string | null;
            /** Timezone */
            timezone?: string | null;
        };
        /**
         * CounterBody
         * @description Another offer for a request, as you see it: you teach `offered_skill` and learn `wanted_skill`.
         *     `slots` as in a request; with other ones the skills may stay as they are.
         */
        CounterBody: {
            /** Offered Skill */
            offered_skill: string;
            /** Wanted Skill */
            wanted_skill: string;
            /**
             * Message
             * @default
             */
            message?: string;
            /**
             * Slots
             * @default []
             */
            slots?: string[];
            /** Minutes */
            minutes?: number | null;
            /** Timezone */
            timezone?: string | null;
            /** Version */
            version?: number | null;
        };
        /**
         * SwapSessionItem
         * @description A session with the id of its swap.
         */
        SwapSessionItem: {
            /** Swap Id */
            swap_id: string;
            session: components["schemas"]["SwapSessionDocument"];
        };
        /**
         * SessionBody
         * @description A session to be offered: one to three `slots`, 15 to 240 `minutes` (60).
         *
         *     Times are ISO 8601 with a difference from UTC, or by the clock of `timezone` (your profile's). An
         *     hour that is left out in spring is refused, of one that comes twice in autumn the first is meant.
         *     `legs` are the directions of the swap that it is for, all of yours if left out; in a circle one.
         *     `place` (120 characters) is of a session in person, `link` (https, 300) of one online.
         *
         *     With `met` it has taken place already: `at`, or just now if left out.
         */
        SessionBody: {
            /**
             * Slots
             * @default []
             */
            slots?: string[];
            /**
             * Legs
             * @default []
             */
            legs?: number[];
            /**
             * Minutes
             * @default 60
             */
            minutes?: number;
            /**
             * Mode
             * @default online
             * @enum {string}
             */
            mode?: "online" | "in_person";
            /**
             * Place
             * @default
             */
            place?: string;
            /**
             * Link
             * @default
             */
            link?: string;
            /** Timezone */
            timezone?: string | null;
            /**
             * Met
             * @default false
             */
            met?: boolean;
            /** At */
            at?: string | null;
            /** Version */
            version?: number | null;
        };
        /**
         * SessionActionBody
         * @description Action on a session.
         *
         *     `agree` to `starts_at`, one of its slots. `confirm` that you will be there. `move` it to other
         *     `slots`; `minutes`, `mode`, `place` and `link` stay as they are unless given. `place` says where it
         *     is (`mode`, `place`, `link`) and leaves the times. `call_off`. `answer` after its end: `yes` (with
         *     `legs`, if not all took place), `moved`, or `no` with a `reason` that the other one does not see.
         *     Times as for a new session.
         */
        SessionActionBody: {
            /**
             * Action
             * @enum {string}
             */
            action: "agree" | "confirm" | "move" | "place" | "call_off" | "answer";
            /** Starts At */
            starts_at?: string | null;
            /**
             * Slots
             * @default []
             */
            slots?: string[];
            /** Minutes */
            minutes?: number | null;
            /** Mode */
            mode?: ("online" | "in_person") | null;
            /** Place */
            place?: string | null;
            /** Link */
            link?: string | null;
            /** Timezone */
            timezone?: string | null;
            /** Answer */
            answer?: ("yes" | "moved" | "no") | null;
            /**
             * Legs
             * @default []
             */
            legs?: number[];
            /** Reason */
            reason?: ("they_did_not_come" | "could_not" | "agreed_not" | "other") | null;
            /** Version */
            version?: number | null;
        };
        /**
         * StatementBody
         * @description Your side of a dispute, for the moderators: 500 characters.
         */
        StatementBody: {
            /** Statement */
            statement: string;
            /** Version */
            version?: number | null;
        };
        /**
         * CalendarDocument
         * @description Your private calendar feed. `url` is there only when it has just been made: it is not kept.
         */
        CalendarDocument: {
            /** Is On */
            is_on: boolean;
            /** Url */
            url: string | null;
            /** Created At */
            created_at: string | null;
        };
        /**
         * WaitingDocument
         * @description Something that waits for you.
         *
         *     `kind`: `answer` a request, `join` a circle, `agree` on one of the offered times, `answer_session`
         *     (did it take place?), `plan` a session, `state` your side of a dispute, `rate` somebody. `until`
         *     is null for what has no end. Before a circle is closed `people` is empty.
         */
        WaitingDocument: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "answer" | "join" | "agree" | "answer_session" | "plan" | "state" | "rate";
            /** Swap Id */
            swap_id: string;
            /** Is Circle */
            is_circle: boolean;
            /** People */
            people: components["schemas"]["WaitingPerson"][];
            /** Until */
            until: string | null;
            /** Session Id */
            session_id: string | null;
        };
        /**
         * WaitingPerson
         * @description One of the others whom it is about.
         */
        WaitingPerson: {
            /** Id */
            _id: string;
            /** Name */
            name: string;
        };
        /**
         * BadgesDocument
         * @description Numbers of a navigation: what waits for you, and your conversations with unread messages.
         */
        BadgesDocument: {
            /** Waiting */
            waiting: number;
            /** Unread */
            unread: number;
        };
        /**
         * ScreenedWordsDocument
         * @description Words of yours that a moderator looks at first: the note of a `request`, the `note` of another offer, a `message`
         *     or an `edit`. They are let through at `until` at the latest.
         */
        ScreenedWordsDocument: {
            /** Id */
            _id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "request" | "note" | "message" | "edit";
            /** Swap Id */
            swap_id: string;
            /** Text */
            text: string;
            /** Created At */
            created_at: string;
            /** Until */
            until: string | null;
        };
        /**
         * OwnReview
         * @description A rating that you have written. `stars` is null for the decision not to rate; `shown` says whether others see it.
         *
         *     Both ratings of a swap are shown at the same moment: when the last one is written, or at `window_ends`.
         */
        OwnReview: {
            /** Id */
            _id: string;
            /** Swap Id */
            swap_id: string;
            /** About */
            about: string;
            /** Leg */
            leg: number;
            /** Stars */
            stars: number | null;
            /** Praise */
            praise: string[];
            /** Text */
            text: string;
            /** Note To Moderators */
            note_to_moderators: string;
            /** Reply */
            reply: string;
            /** Shown */
            shown: boolean;
            /** Created At */
            created_at: string;
            /** Window Ends */
            window_ends: string;
        };
        /**
         * NewReviewBody
         * @description A rating of a partner. `about` may be left out where the swap has one partner.
         */
        NewReviewBody: {
            /** Stars */
            stars: number;
            /**
             * Praise
             * @default []
             */
            praise?: ("clear" | "reliable" | "friendly")[];
            /**
             * Text
             * @default
             */
            text?: string;
            /**
             * Note To Moderators
             * @default
             */
            note_to_moderators?: string;
            /** Swap Id */
            swap_id: string;
            /** About */
            about?: string | null;
        };
        /**
         * DeclineBody
         * @description The decision not to rate a partner of a swap.
         */
        DeclineBody: {
            /** Swap Id */
            swap_id: string;
            /** About */
            about?: string | null;
        };
        /**
         * PendingReviewDocument
         * @description A rating that you can still write.
         */
        PendingReviewDocument: {
            /** Swap Id */
            swap_id: string;
            /** About */
            about: string;
            /** Leg */
            leg: number;
            /** Skill */
            skill: string;
            /** Until */
            until: string;
        };
        /**
         * RatingBody
         * @description Stars, words of praise, a text for everybody and a line for the moderators alone.
         */
        RatingBody: {
            /** Stars */
            stars: number;
            /**
             * Praise
             * @default []
             */
            praise?: ("clear" | "reliable" | "friendly")[];
            /**
             * Text
             * @default
             */
            text?: string;
            /**
             * Note To Moderators
             * @default
             */
            note_to_moderators?: string;
        };
        /**
         * ShownReviewDocument
         * @description A rating that is shown. `author` is null for somebody who has left.
         */
        ShownReviewDocument: {
            /** Id */
            _id: string;
            /** Author */
            author: string | null;
            /** Author Name */
            author_name: string | null;
            /** Stars */
            stars: number;
            /** Praise */
            praise: string[];
            /** Text */
            text: string;
            /** Reply */
            reply: string;
            /** Created At */
            created_at: string;
        };
        /**
         * ReplyBody
         * @description Your public answer to a rating of you.
         */
        ReplyBody: {
            /** Text */
            text: string;
        };
        /**
         * NoteDocument
         * @description A line for the moderators that was written with a rating.
         */
        NoteDocument: {
            /** Review Id */
            review_id: string;
            /** Swap Id */
            swap_id: string;
            /** Author */
            author: string;
            /** About */
            about: string;
            /** Stars */
            stars: number | null;
            /** Note */
            note: string;
            /** Created At */
            created_at: string;
        };
        /**
         * LetterDocument
         * @description `from_organisers`: written by a moderator, in the organisers' name.
         */
        LetterDocument: {
            /** At */
            at: string;
            /** From Organisers */
            from_organisers: boolean;
            /** Text */
            text: string;
        };
        /**
         * LettersDocument
         * @description Oldest first. `may_answer`: there is a letter or a decision that can be answered now.
         */
        LettersDocument: {
            /** Letters */
            letters: components["schemas"]["LetterDocument"][];
            /** May Answer */
            may_answer: boolean;
        };
        /** LetterBody */
        LetterBody: {
            /** Text */
            text: string;
        };
        /**
         * SignedLetterDocument
         * @description `by` is the moderator who wrote it, null for the user. `decision` is the id of the audit's entry that an answer
         *     is about, `noted_by` the moderator who has marked an answer as read.
         */
        SignedLetterDocument: {
            /** At */
            at: string;
            /** By */
            by: string | null;
            /** Text */
            text: string;
            /** Decision */
            decision: string | null;
            /** Noted By */
            noted_by: string | null;
        };
        /**
         * CorrespondenceDocument
         * @description Oldest first. `turns`: answers that the last letter still takes.
         */
        CorrespondenceDocument: {
            /** User */
            user: string;
            /** Letters */
            letters: components["schemas"]["SignedLetterDocument"][];
            /** Turns */
            turns: number;
        };
        /**
         * ReportDocument
         * @description A report that you have made. What comes of it is not said, only that it was dealt with.
         */
        ReportDocument: {
            /** Id */
            _id: string;
            /** About */
            about: string | null;
            /** Reason */
            reason: string;
            /** Subject */
            subject: string;
            /** Subject Id */
            subject_id: string;
            /** Created At */
            created_at: string;
        };
        /**
         * ReportBody
         * @description `subject` is `profile`, `swap` (a request, swap or circle with its conversation) or `review`; `subject_id` is its
         *     id, and may be left out for a profile. With `attach_messages` the last twenty messages of the conversation go along.
         *     With `block`, as by default, the user is blocked, too.
         *
         *     In a circle that is not closed nobody is known by id: there `seat` takes the place of `about`, `you_learn` for who
         *     teaches you, `you_teach` for who learns from you.
         */
        ReportBody: {
            /** About */
            about?: string | null;
            /** Seat */
            seat?: ("you_learn" | "you_teach") | null;
            /**
             * Reason
             * @enum {string}
             */
            reason: "dating" | "selling" | "rude" | "false_profile" | "session" | "child" | "other";
            /**
             * Subject
             * @default profile
             * @enum {string}
             */
            subject?: "profile" | "swap" | "review";
            /** Subject Id */
            subject_id?: string | null;
            /**
             * Text
             * @default
             */
            text?: string;
            /**
             * Attach Messages
             * @default false
             */
            attach_messages?: boolean;
            /**
             * Block
             * @default true
             */
            block?: boolean;
        };
        /**
         * CaseReportDocument
         * @description A report with its evidence, for moderators.
         */
        CaseReportDocument: {
            /** Id */
            _id: string;
            /** By */
            by: string;
            /** Reason */
            reason: string;
            /** Subject */
            subject: string;
            /** Subject Id */
            subject_id: string;
            /** Text */
            text: string;
            /** Created At */
            created_at: string;
            profile: components["schemas"]["EvidenceProfile"];
            /** Note */
            note: string;
            review: components["schemas"]["EvidenceReview"] | null;
            /** Messages */
            messages: components["schemas"]["EvidenceMessage"][];
        };
        /**
         * CaseWordsDocument
         * @description Words in a case, with what was decided about them. `to` is whom they are for.
         */
        CaseWordsDocument: {
            /** Id */
            _id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "request" | "note" | "message" | "edit";
            /** Swap Id */
            swap_id: string;
            /** Text */
            text: string;
            /** Created At */
            created_at: string;
            /** Until */
            until: string | null;
            /** To */
            to: string;
            /** Photo Url */
            photo_url: string | null;
            /**
             * State
             * @enum {string}
             */
            state: "waiting" | "released" | "refused" | "dropped";
        };
        /**
         * EvidenceMessage
         * @description A message that was attached to a report, as it was then.
         */
        EvidenceMessage: {
            /** From User Id */
            from_user_id: string;
            /** Message */
            message: string;
            /** Photo Url */
            photo_url: string | null;
            /** Created At */
            created_at: string;
        };
        /**
         * EvidenceProfile
         * @description A profile as it was when it was reported.
         */
        EvidenceProfile: {
            /** Name */
            name: string;
            /** Photo Url */
            photo_url: string | null;
            /** Location */
            location: string;
            /** Skills Offered */
            skills_offered: string[];
            /** Skills Wanted */
            skills_wanted: string[];
            /** Availability */
            availability: string;
        };
        /**
         * EvidenceReview
         * @description A rating as it was when it was reported.
         */
        EvidenceReview: {
            /** Stars */
            stars: number;
            /** Text */
            text: string;
            /** About */
            about: string;
            /** Created At */
            created_at: string;
        };
        /**
         * CaseFileDocument
         * @description A case with the reports in it, and earlier cases about the same person. `name` is null for somebody who has
         *     left. `words` are those that a newcomer has written and that wait, or were decided about: `let_through` and `refuse`
         *     are for all of them that wait. `notes` are the nearly equal ones that went to many people.
         */
        CaseFileDocument: {
            /** Id */
            _id: string;
            /** About */
            about: string;
            /** State */
            state: string;
            /** Kinds */
            kinds: string[];
            /** Reasons */
            reasons: string[];
            /** Reports */
            reports: number;
            /** Taken By */
            taken_by: string | null;
            /** Decision */
            decision: string | null;
            /** Opened At */
            opened_at: string;
            /** Updated At */
            updated_at: string;
            /** Version */
            version: number;
            /** Can */
            can: string[];
            /** History */
            history: components["schemas"]["CaseEventDocument"][];
            /** Name */
            name: string | null;
            /** Files */
            files: components["schemas"]["CaseReportDocument"][];
            /** Earlier */
            earlier: components["schemas"]["CaseDocument"][];
            /** Words */
            words: components["schemas"]["CaseWordsDocument"][];
            /** Notes */
            notes: string[];
        };
        /**
         * CaseActionBody
         * @description `reason` is one of the presets or your own words; `version` is the one that you have seen.
         */
        CaseActionBody: {
            /**
             * Action
             * @enum {string}
             */
            action: "take" | "release" | "warn" | "hide" | "suspend" | "ban" | "nothing" | "undo" | "let_through" | "refuse";
            /**
             * Reason
             * @default
             */
            reason?: string;
            /** Version */
            version?: number | null;
        };
        /**
         * AuditDocument
         * @description One decision. `by` is the id of who decided, "command line", or null for the service; `before` and `after` are
         *     what it changed.
         */
        AuditDocument: {
            /** Id */
            _id: string;
            /** At */
            at: string;
            /** By */
            by: string | null;
            /** Action */
            action: string;
            /** About */
            about: string | null;
            /** Reason */
            reason: string;
            /** Case */
            case: string | null;
            /** Before */
            before: {
                [key: string]: unknown;
            };
            /** After */
            after: {
                [key: string]: unknown;
            };
        };
        /**
         * StandingDocument
         * @description Standing of a person. `decision` is the `_id` of the entry in the audit, null when nothing has changed by it.
         */
        StandingDocument: {
            /** Id */
            _id: string;
            /** Status */
            status: string;
            /** Membership */
            membership: string;
            /** Is Hidden */
            is_hidden: boolean;
            /** Is Warned */
            is_warned: boolean;
            /** Suspended Until */
            suspended_until: string | null;
            /** Decision */
            decision: string | null;
        };
        /**
         * PersonActionBody
         * @description A decision about a person. `reason` is one of the presets or your own words; `days` is for a suspension.
         */
        PersonActionBody: {
            /**
             * Action
             * @enum {string}
             */
            action: "warn" | "hide" | "unhide" | "suspend" | "lift" | "ban" | "unban";
            /**
             * Reason
             * @default
             */
            reason?: string;
            /**
             * Days
             * @default 7
             */
            days?: number;
        };
        /**
         * StaffDocument
         * @description Somebody of the team.
         */
        StaffDocument: {
            /** Id */
            _id: string;
            /** Name */
            name: string;
            /** Role */
            role: string;
        };
        /**
         * RoleBody
         * @description A role to give: `member` takes one back.
         */
        RoleBody: {
            /**
             * Role
             * @enum {string}
             */
            role: "member" | "moderator" | "admin";
        };
        /**
         * DisputeDocument
         * @description A dispute as moderators see it.
         *
         *     `people` are the two who remember it differently, `statements` their sides by user id, to be made
         *     until `statements_until`. `status` is `disputed` until it is decided; `decision` is the reason of
         *     the decision then.
         */
        DisputeDocument: {
            /** Swap Id */
            swap_id: string;
            /** Status */
            status: string;
            /** People */
            people: string[];
            /** Legs */
            legs: components["schemas"]["DisputedLeg"][];
            /** Sessions */
            sessions: components["schemas"]["DisputedSession"][];
            /** Statements */
            statements: {
                [key: string]: string;
            };
            /** Disputed At */
            disputed_at: string | null;
            /** Statements Until */
            statements_until: string | null;
            /** Decision */
            decision: string | null;
        };
        /**
         * DisputedAnswer
         * @description Answer of one of the two about a session: `yes` with the `legs` that took place, or `no` with a reason.
         */
        DisputedAnswer: {
            /** By */
            by: string;
            /** Answer */
            answer: string;
            /** Legs */
            legs: number[];
            /** Reason */
            reason: string | null;
            /** At */
            at: string;
        };
        /**
         * DisputedLeg
         * @description One direction of the swap.
         */
        DisputedLeg: {
            /** Teacher */
            teacher: string;
            /** Learner */
            learner: string;
            /** Skill */
            skill: string;
        };
        /**
         * DisputedSession
         * @description A session that its two remember differently.
         */
        DisputedSession: {
            /** Id */
            id: string;
            /** Legs */
            legs: number[];
            /** Starts At */
            starts_at: string | null;
            /** Minutes */
            minutes: number;
            /** Answers */
            answers: components["schemas"]["DisputedAnswer"][];
        };
        /**
         * DisputeDecisionBody
         * @description A decision: `completed` (it took place), `not_happened` or `cancelled`, with a reason that both read.
         */
        DisputeDecisionBody: {
            /**
             * Decision
             * @enum {string}
             */
            decision: "completed" | "not_happened" | "cancelled";
            /** Reason */
            reason: string;
        };
        /**
         * PossibleCircleDocument
         * @description A circle that you could ask for. `key` is valid for that, and for you only.
         *
         *     `you_teach` is the member who learns from you, `you_learn` the one who teaches you. The former
         *     teaches the latter the skill `between`, in your language `between_name`.
         */
        PossibleCircleDocument: {
            /** Key */
            key: string;
            you_teach: components["schemas"]["PossibleSeatDocument"];
            you_learn: components["schemas"]["PossibleSeatDocument"];
            /** Between */
            between: string;
            /** Between Name */
            between_name: string;
        };
        /**
         * PossibleSeatDocument
         * @description One of the other two members, by first name, and the skill between the two of you: as its
         *     teacher writes it, and by its name in your language.
         */
        PossibleSeatDocument: {
            /** Name */
            name: string;
            /** Skill */
            skill: string;
            /** Skill Name */
            skill_name: string;
        };
        /**
         * CircleBody
         * @description The `key` of a possible circle.
         */
        CircleBody: {
            /** Key */
            key: string;
        };
        /**
         * CircleAnswerBody
         * @description An answer to a circle. `version` is the version that you have read; a join requires it.
         */
        CircleAnswerBody: {
            /**
             * Answer
             * @enum {string}
             */
            answer: "join" | "decline" | "leave";
            /** Version */
            version?: number | null;
        };
        /**
         * AttachmentDocument
         * @description Attachment of a message from Telegram: neither words nor a photo; it can be seen or heard there.
         *
         *     `kind` is voice, video_note, video, audio, animation, document, sticker, location, venue or
         *     contact. `bytes` and `seconds` are 0, `lat` and `lon` null where they do not apply.
         */
        AttachmentDocument: {
            /** Kind */
            kind: string;
            /** Name */
            name: string;
            /** Mime */
            mime: string;
            /** Bytes */
            bytes: number;
            /** Seconds */
            seconds: number;
            /** Lat */
            lat: number | null;
            /** Lon */
            lon: number | null;
        };
        /**
         * MessageDocument
         * @description A message. `seq` counts 1, 2, 3 … within the swap, without gaps.
         *
         *     `changed` is 0, or the number of its last edit or deletion within the swap. A deleted message
         *     keeps its `seq`, is empty and has a `deleted_at`. `reply_to` is the `seq` of an earlier message.
         *     `photo_width` and `photo_height` are pixels, for the place of a photo before it is loaded; null for those
         *     of before they were kept. With an `attachment`, the first line of `message` says what it is.
         *     `is_screened`: a moderator looks at it first, as it is one of your first and has a link, a name or a
         *     number in it. Until then nobody else has it, and a new one has the `seq` 0.
         */
        MessageDocument: {
            /** Id */
            _id: string;
            /** Swap Id */
            swap_id: string;
            /** Seq */
            seq: number;
            /** From User Id */
            from_user_id: string;
            /** To User Id */
            to_user_id: string;
            /** Message */
            message: string;
            /** Photo Url */
            photo_url: string | null;
            /** Photo Width */
            photo_width: number | null;
            /** Photo Height */
            photo_height: number | null;
            /** Client Id */
            client_id: string;
            /** Via */
            via: string;
            /** Created At */
            created_at: string;
            /** Reply To */
            reply_to: number | null;
            /** Edited At */
            edited_at: string | null;
            /** Deleted At */
            deleted_at: string | null;
            /** Changed */
            changed: number;
            attachment: components["schemas"]["AttachmentDocument"] | null;
            /** Is Screened */
            is_screened: boolean;
        };
        /**
         * MessageBody
         * @description A new message.
         *
         *     `client_id` is chosen by the client: a message sent again with the same one is stored once.
         *     `reply_to` is the `seq` of the message that this one replies to. `from_user_id` can only be yourself, `to_user_id`
         *     another participant of the swap; further fields are ignored.
         */
        MessageBody: {
            /** Swap Id */
            swap_id: string;
            /**
             * Message
             * @default
             */
            message?: string;
            /** Client Id */
            client_id?: string | null;
            /** Photo Url */
            photo_url?: string | null;
            /** Reply To */
            reply_to?: number | null;
            /** From User Id */
            from_user_id?: string | null;
            /** To User Id */
            to_user_id?: string | null;
        };
        /**
         * MissedDocument
         * @description Changes in a conversation since your position.
         *
         *     `changed` are messages edited or deleted since, as they are now. Send `changes` with
         *     the next sync. With `has_more`, sync again for the rest. With `resync_required`,
         *     load the conversation anew.
         */
        MissedDocument: {
            /** Swap Id */
            swap_id: string;
            /** Messages */
            messages: components["schemas"]["MessageDocument"][];
            /** Changed */
            changed: components["schemas"]["MessageDocument"][];
            /** Changes */
            changes: number;
            /** Reads */
            reads: {
                [key: string]: number;
            };
            /** Has More */
            has_more: boolean;
            /** Resync Required */
            resync_required: boolean;
        };
        /**
         * NewsDocument
         * @description Changes since the last sync.
         *
         *     `swaps` are those changed since the cursor that you sent. Send `cursor` with the next sync.
         */
        NewsDocument: {
            /** Chats */
            chats: components["schemas"]["MissedDocument"][];
            /** Swaps */
            swaps: components["schemas"]["SwapDocument"][];
            user: components["schemas"]["OwnUser"] | null;
            /** Cursor */
            cursor: string;
            /** Resync Required */
            resync_required: boolean;
        };
        /**
         * ChatCursor
         * @description Your position in a conversation.
         *
         *     `after` is the highest `seq` up to which you have all messages, `changes` the value from the
         *     last sync. Without `after` the newest messages are returned.
         */
        ChatCursor: {
            /** Swap Id */
            swap_id: string;
            /** After */
            after?: number | null;
            /** Changes */
            changes?: number | null;
        };
        /**
         * SyncBody
         * @description One conversation, or several in `chats`. `since` is the `cursor` of the last sync.
         */
        SyncBody: {
            /** Swap Id */
            swap_id?: string | null;
            /** After */
            after?: number | null;
            /** Changes */
            changes?: number | null;
            /** Chats */
            chats?: components["schemas"]["ChatCursor"][];
            /** Since */
            since?: string | null;
        };
        /**
         * ConversationDocument
         * @description A running conversation. `reads` are the read marks by user id; `unread` counts to 100.
         */
        ConversationDocument: {
            /** Swap Id */
            swap_id: string;
            last: components["schemas"]["MessageDocument"] | null;
            /** Unread */
            unread: number;
            /** Reads */
            reads: {
                [key: string]: number;
            };
        };
        /**
         * ReadMarkDocument
         * @description A user's read mark: everything up to `seq` has been read.
         */
        ReadMarkDocument: {
            /** Swap Id */
            swap_id: string;
            /** User Id */
            user_id: string;
            /** Seq */
            seq: number;
        };
        /**
         * SeqBody
         * @description The `seq` of a message.
         */
        SeqBody: {
            /** Seq */
            seq: number;
        };
        /**
         * EditBody
         * @description The new text of a message.
         */
        EditBody: {
            /** Message */
            message: string;
        };
        /**
         * Upload
         * @description The address of the uploaded photo, and its size in pixels.
         */
        Upload: {
            /** Secure Url */
            secure_url: string;
            /** Width */
            width: number;
            /** Height */
            height: number;
        };
        /**
         * LeftDocument
         * @description That the account is deleted.
         */
        LeftDocument: {
            /** Deleted */
            deleted: boolean;
        };
        /**
         * LeavingBody
         * @description `confirm` has to be true: nothing of it can be undone.
         */
        LeavingBody: {
            /**
             * Confirm
             * @constant
             */
            confirm: true;
        };
        /**
         * SessionUser
         * @description The signed-in user, in the fields of NextAuth.
         */
        SessionUser: {
            /** Name */
            name: string;
            /** Email */
            email: string | null;
            /** Image */
            image: string | null;
            /** Id */
            id: string;
        };
        /**
         * Session
         * @description The session in NextAuth's format; `{}` when nobody is signed in.
         */
        Session: {
            user?: components["schemas"]["SessionUser"];
            /** Expires */
            expires?: string;
        };
        /**
         * MiniAppSession
         * @description A session of a Mini App: its bearer token, and until when it is valid.
         */
        MiniAppSession: {
            /** Token */
            token: string;
            /** Expires */
            expires: string;
            /** User Id */
            user_id: string;
        };
        /**
         * InitDataBody
         * @description Data that Telegram gives to a Mini App, signed: `Telegram.WebApp.initData`, unchanged.
         */
        InitDataBody: {
            /** Init Data */
            init_data: string;
        };
        /**
         * ProviderDocument
         * @description A sign-in provider, in the format of NextAuth's `getProviders`.
         */
        ProviderDocument: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Type
             * @enum {string}
             */
            type: "oauth" | "email" | "credentials";
            /** Signinurl */
            signinUrl: string;
            /** Callbackurl */
            callbackUrl: string;
        };
        /**
         * CsrfToken
         * @description The CSRF token that forms must contain.
         */
        CsrfToken: {
            /** Csrftoken */
            csrfToken: string;
        };
        /**
         * AccountDocument
         * @description A linked account: one way to sign in.
         *
         *     `email` is set for accounts of the provider `email`. `created_at` is null for an address that
         *     has belonged to the profile from the start.
         */
        AccountDocument: {
            /** Id */
            _id: string;
            /** Provider */
            provider: string;
            /** Email */
            email: string | null;
            /** Created At */
            created_at: string | null;
        };
        /**
         * MergeCode
         * @description A merge code, to be entered in the other profile.
         */
        MergeCode: {
            /** Code */
            code: string;
            /** Expires At */
            expires_at: string;
        };
        /**
         * MergePreview
         * @description The profile that yours would be merged into.
         */
        MergePreview: {
            /** Name */
            name: string;
            /** Photo Url */
            photo_url: string | null;
        };
        /**
         * MergeBody
         * @description The merge code shown by the other profile; case, spaces and hyphens are ignored.
         */
        MergeBody: {
            /** Code */
            code: string;
        };
        /**
         * SessionDocument
         * @description A web session. `door` is the provider that started it, `agent` the browser:
         *     "Firefox, Linux" or "".
         */
        SessionDocument: {
            /** Id */
            _id: string;
            /** Door */
            door: string;
            /** Agent */
            agent: string;
            /** Created At */
            created_at: string;
            /** Seen At */
            seen_at: string;
            /** Is Current */
            is_current: boolean;
        };
        /**
         * Health
         * @description Result of a health check; `parts` by name.
         */
        Health: {
            /** Ok */
            ok: boolean;
            /** Parts */
            parts?: {
                [key: string]: boolean;
            };
        };
        /**
         * SocketAddress
         * @description The `path` option of `socket.io-client`, and the protocol versions of the server.
         */
        SocketAddress: {
            /** Path */
            path: string;
            /** Engine Io */
            engine_io: number;
            /** Socket Io */
            socket_io: number;
        };
        SocketEvents: {
            client: {
                "chat:new": {
                    body: components["schemas"]["MessageBody"];
                    /**
                     * MessageAnswer
                     * @description The message, once it is stored for good.
                     */
                    answer: {
                        message: components["schemas"]["MessageDocument"];
                    };
                };
                "chat:edit": {
                    /**
                     * EditEventBody
                     * @description The new text of a message, and which message.
                     */
                    body: {
                        /** Seq */
                        seq: number;
                        /** Swap Id */
                        swap_id: string;
                        /** Message */
                        message: string;
                    };
                    /**
                     * MessageAnswer
                     * @description The message, once it is stored for good.
                     */
                    answer: {
                        message: components["schemas"]["MessageDocument"];
                    };
                };
                "chat:delete": {
                    /**
                     * DeleteEventBody
                     * @description The message to delete.
                     */
                    body: {
                        /** Seq */
                        seq: number;
                        /** Swap Id */
                        swap_id: string;
                    };
                    /**
                     * MessageAnswer
                     * @description The message, once it is stored for good.
                     */
                    answer: {
                        message: components["schemas"]["MessageDocument"];
                    };
                };
                "chat:sync": {
                    body: components["schemas"]["SyncBody"];
                    answer: components["schemas"]["MissedDocument"] | components["schemas"]["NewsDocument"];
                };
                "chat:read": {
                    /**
                     * ReadBody
                     * @description A read mark: everything up to `seq` has been read.
                     */
                    body: {
                        /** Seq */
                        seq: number;
                        /** Swap Id */
                        swap_id: string;
                    };
                    /**
                     * ReadAnswer
                     * @description The read mark as it is now.
                     */
                    answer: {
                        /** Seq */
                        seq: number;
                    };
                };
                "chat:open": {
                    /**
                     * ConversationBody
                     * @description The conversation, by the id of its swap.
                     */
                    body: {
                        /** Swap Id */
                        swap_id: string;
                    };
                    /**
                     * ViewAnswer
                     * @description Seconds within which the event has to be repeated.
                     */
                    answer: {
                        /** Again In */
                        again_in: number;
                    };
                };
                "chat:close": {
                    /**
                     * ConversationBody
                     * @description The conversation, by the id of its swap.
                     */
                    body: {
                        /** Swap Id */
                        swap_id: string;
                    };
                    /**
                     * Nothing
                     * @description No fields.
                     */
                    answer: Record<string, never>;
                };
                "chat:typing": {
                    /**
                     * ConversationBody
                     * @description The conversation, by the id of its swap.
                     */
                    body: {
                        /** Swap Id */
                        swap_id: string;
                    };
                    /**
                     * Nothing
                     * @description No fields.
                     */
                    answer: Record<string, never>;
                };
            };
            server: {
                "chat:receive": {
                    body: components["schemas"]["MessageDocument"];
                };
                "chat:edited": {
                    body: components["schemas"]["MessageDocument"];
                };
                "chat:deleted": {
                    body: components["schemas"]["MessageDocument"];
                };
                "chat:read": {
                    body: components["schemas"]["ReadMarkDocument"];
                };
                "chat:typing": {
                    /**
                     * TypingSignal
                     * @description A participant is typing.
                     */
                    body: {
                        /** Swap Id */
                        swap_id: string;
                        /** User Id */
                        user_id: string;
                    };
                };
                "swap:updated": {
                    body: components["schemas"]["SwapDocument"];
                };
                "session:updated": {
                    /**
                     * ChangedSession
                     * @description A session that has changed, and its swap.
                     */
                    body: {
                        /** Swap Id */
                        swap_id: string;
                        session: components["schemas"]["SwapSessionDocument"];
                    };
                };
                "review:revealed": {
                    /**
                     * RevealedReviews
                     * @description A swap whose ratings are shown now.
                     */
                    body: {
                        /** Swap Id */
                        swap_id: string;
                    };
                };
                "circle:updated": {
                    body: components["schemas"]["CircleDocument"];
                };
                "user:updated": {
                    body: components["schemas"]["OwnUser"];
                };
                "chat:error": {
                    /**
                     * FailedEvent
                     * @description An event that was sent without an acknowledgement and has failed.
                     */
                    body: {
                        /** Event */
                        event: string;
                        /** Swap Id */
                        swap_id: string | null;
                        /** Client Id */
                        client_id: string | null;
                        error: components["schemas"]["ProblemDocument"];
                    };
                };
                resync_required: {
                    /**
                     * Nothing
                     * @description No fields.
                     */
                    body: Record<string, never>;
                };
            };
        };
        /** @enum {string} */
        ProblemCode: "account.last_one" | "account.not_found" | "account.other" | "alert.changed" | "alert.not_found" | "alert.too_many" | "api.too_fast" | "application.changed" | "application.closed" | "application.decided" | "application.decision" | "application.not_found" | "application.not_here" | "application.not_now" | "application.own" | "application.profile" | "application.too_fast" | "auth.account_not_linked" | "auth.already_linked" | "auth.bad_address" | "auth.banned" | "auth.cross_site" | "auth.foreign_letters" | "auth.init_data_refused" | "auth.link_expired" | "auth.linked_elsewhere" | "auth.provider_failed" | "auth.provider_unavailable" | "block.not_found" | "block.too_many" | "block.yourself" | "calendar.not_found" | "calendar.too_fast" | "cards.too_fast" | "case.about_yourself" | "case.action" | "case.changed" | "case.done" | "case.no_undo" | "case.no_words" | "case.not_found" | "case.not_yours" | "case.taken" | "chat.busy" | "chat.closed" | "chat.wait_for_answer" | "circle.asked_already" | "circle.changed" | "circle.closed" | "circle.expired" | "circle.not_due" | "circle.not_found" | "circle.not_possible" | "circle.over" | "circle.version_missing" | "circle.you_are_taken" | "circle.you_changed" | "community.changed" | "community.join" | "community.languages" | "community.no_group" | "database.unavailable" | "duplicate_key" | "failed_proof.too_fast" | "idempotency.in_flight" | "idempotency.key" | "idempotency.reused" | "if_match" | "internal" | "invalid_cursor" | "invalid_field" | "invalid_json" | "invite.days" | "invite.not_allowed" | "invite.not_found" | "invite.not_valid" | "invite.too_fast" | "invite.too_many" | "invite.uses" | "leave.not_sure" | "locale.unknown" | "login_link.too_fast" | "mail.unavailable" | "merge.code" | "merge.two_telegrams" | "merge.with_yourself" | "merge_code.too_fast" | "merge_guess.too_fast" | "message.client_id" | "message.client_id_reused" | "message.deleted" | "message.no_such_reply" | "message.not_found" | "message.not_yours" | "message.too_fast" | "message.too_old" | "method_not_allowed" | "not_found" | "organisers.changed" | "organisers.link" | "organisers.nothing_to_answer" | "organisers.yourself" | "photo.animated" | "photo.heic" | "photo.host_failed" | "photo.host_unavailable" | "photo.not_an_image" | "photo.not_found" | "photo.not_yours" | "photo.too_large" | "photo.too_many_pixels" | "photo.too_small" | "profile.too_fast" | "read_only_field" | "report.changed" | "report.daily_limit" | "report.made_already" | "report.reason" | "report.subject" | "report.yourself" | "request.incomplete" | "request.malformed" | "request.too_large" | "review.changed" | "review.closed" | "review.declined" | "review.not_completed" | "review.not_found" | "review.not_met" | "review.praise" | "review.replied" | "review.shown" | "review.stars" | "review.written" | "review.yourself" | "role.admin_needed" | "role.moderator_needed" | "role.not_plain" | "role.unknown" | "rules.changed" | "rules.not_agreed" | "search.too_fast" | "service.stopping" | "session.answer" | "session.answered" | "session.has_begun" | "session.legs" | "session.link" | "session.minutes" | "session.mode" | "session.moved_enough" | "session.no_such_session" | "session.no_such_slot" | "session.no_such_time" | "session.not_dated" | "session.not_found" | "session.not_offered" | "session.not_running" | "session.offered_enough" | "session.over" | "session.own_note" | "session.own_offer" | "session.past" | "session.reason" | "session.said_held" | "session.slot_passed" | "session.slots" | "session.still_to_come" | "session.time" | "session.too_far_ahead" | "session.too_long_ago" | "session.too_many" | "session.too_many_upcoming" | "session.window" | "session.zone_missing" | "sign_in_mail.too_fast" | "skill.aliases" | "skill.already_decided" | "skill.category" | "skill.has_a_name" | "skill.is_another" | "skill.names" | "skill.no_such_target" | "skill.not_found" | "skills.level_of_unlisted" | "skills.level_unknown" | "skills.not_accepted" | "skills.nothing" | "skills.too_many" | "skills.twice" | "socket.no_namespace" | "socket.too_fast" | "socket.too_many" | "standing.applicant" | "standing.banned" | "standing.banned_already" | "standing.days" | "standing.decided_anew" | "standing.not_now" | "standing.nothing_to_undo" | "standing.staff" | "standing.suspended" | "standing.too_late_to_undo" | "standing.warned" | "standing.yourself" | "swap.already_answered" | "swap.already_open" | "swap.already_over" | "swap.changed" | "swap.daily_limit" | "swap.declined_lately" | "swap.expired" | "swap.no_statement" | "swap.not_again" | "swap.not_disputed" | "swap.not_due" | "swap.not_found" | "swap.not_taught" | "swap.nothing_held" | "swap.only_asker_cancels" | "swap.only_partner_answers" | "swap.own_dispute" | "swap.reason_without_no" | "swap.same_skill" | "swap.same_terms" | "swap.too_many_rounds" | "swap.unknown_reason" | "swap.unknown_status" | "swap.with_yourself" | "text.empty" | "text.not_allowed" | "text.too_long" | "timezone.unknown" | "unauthenticated" | "unknown_field" | "unsupported_encoding" | "unsupported_media_type" | "upload.no_file" | "upload.one_file" | "upload.too_fast" | "user.changed" | "user.not_found" | "users.skill_or_name" | "words.decided" | "words.not_found" | "words.too_many";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get_community: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "Harbour Skills",
                     *       "about": "Neighbours of the old harbour teach each other what they know.",
                     *       "photo_url": null,
                     *       "rules": "Be on time. Say so early when you cannot come. Nobody pays anybody.",
                     *       "rules_version": 2,
                     *       "languages": [
                     *         "it",
                     *         "pt"
                     *       ],
                     *       "contact": "hello@skills.example.org",
                     *       "join": "approval",
                     *       "question": "What brings you here?",
                     *       "members_may_invite": true,
                     *       "is_set_up": true,
                     *       "version": 5
                     *     }
                     */
                    "application/json": components["schemas"]["CommunityDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    put_community: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the version that you have read. 412 when it has changed since. */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "join": "approval",
                 *       "question": "What brings you here?"
                 *     }
                 */
                "application/json": components["schemas"]["CommunityBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "Harbour Skills",
                     *       "about": "Neighbours of the old harbour teach each other what they know.",
                     *       "photo_url": null,
                     *       "rules": "Be on time. Say so early when you cannot come. Nobody pays anybody.",
                     *       "rules_version": 2,
                     *       "languages": [
                     *         "it",
                     *         "pt"
                     *       ],
                     *       "contact": "hello@skills.example.org",
                     *       "join": "approval",
                     *       "question": "What brings you here?",
                     *       "members_may_invite": true,
                     *       "is_set_up": true,
                     *       "version": 5
                     *     }
                     */
                    "application/json": components["schemas"]["CommunityDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    put_agreement: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "rules_version": 2
                 *     }
                 */
                "application/json": components["schemas"]["AgreementBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000ada1",
                     *       "name": "Ada",
                     *       "email": "ada@example.org",
                     *       "photo_url": null,
                     *       "location": "Harbour",
                     *       "skills_offered": [
                     *         "Python"
                     *       ],
                     *       "skills_wanted": [
                     *         "Guitar"
                     *       ],
                     *       "offered_levels": {},
                     *       "wanted_levels": {},
                     *       "availability": "weekday evenings",
                     *       "hours": [
                     *         [
                     *           18,
                     *           19,
                     *           20,
                     *           21
                     *         ],
                     *         [],
                     *         [],
                     *         [
                     *           20,
                     *           21
                     *         ],
                     *         [],
                     *         [],
                     *         []
                     *       ],
                     *       "coordinates": {
                     *         "latitude": 40.4,
                     *         "longitude": -3.7
                     *       },
                     *       "is_public": true,
                     *       "locale": "en",
                     *       "timezone": null,
                     *       "role": "member",
                     *       "status": "active",
                     *       "notifications": true,
                     *       "telegram_linked": true,
                     *       "rules_agreed": 2,
                     *       "membership": "member",
                     *       "warned_at": null,
                     *       "suspended_until": null,
                     *       "standing_reason": null,
                     *       "created_at": "2026-11-22T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["OwnUser"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_application: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "state": "waiting",
                     *       "question": "What brings you here?",
                     *       "answer": "I moved here in May and would like to meet people.",
                     *       "asked": "",
                     *       "replied": "",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "since": "2026-11-22T10:00:00.000Z",
                     *       "numbers": {
                     *         "people": 34,
                     *         "skills": 61
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["ApplicationDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_application: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "answer": "I moved here in May and would like to meet people."
                 *     }
                 */
                "application/json": components["schemas"]["ApplicationBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "state": "waiting",
                     *       "question": "What brings you here?",
                     *       "answer": "I moved here in May and would like to meet people.",
                     *       "asked": "",
                     *       "replied": "",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "since": "2026-11-22T10:00:00.000Z",
                     *       "numbers": {
                     *         "people": 34,
                     *         "skills": 61
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["ApplicationDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_applications: {
        parameters: {
            query?: {
                state?: "begun" | "waiting" | "let_in" | "not_now";
                after?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "state": "waiting",
                     *         "question": "What brings you here?",
                     *         "answer": "I moved here in May and would like to meet people.",
                     *         "asked": "",
                     *         "replied": "",
                     *         "created_at": "2026-11-22T10:00:00.000Z",
                     *         "since": "2026-11-22T10:00:00.000Z",
                     *         "user": {
                     *           "_id": "65f0c0ffee0000000000be21",
                     *           "name": "Ben",
                     *           "photo_url": "https://skills.example.org/photos/65f0c0ffee00000000000f01.jpg",
                     *           "location": "North side",
                     *           "skills_offered": [
                     *             "Guitar"
                     *           ],
                     *           "skills_wanted": [
                     *             "Python"
                     *           ],
                     *           "offered_levels": {},
                     *           "wanted_levels": {},
                     *           "availability": "weekday evenings",
                     *           "facts": {
                     *             "member_since": "2026-09",
                     *             "swaps_held": 4,
                     *             "replies": "within_a_day",
                     *             "no_shows": 0,
                     *             "rating": {
                     *               "mean": 4.8,
                     *               "n": 4
                     *             }
                     *           }
                     *         },
                     *         "invited_by": null,
                     *         "decided_by": null,
                     *         "version": 1
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["ApplicantDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    decide_application: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "decision": "let_in"
                 *     }
                 */
                "application/json": components["schemas"]["DecideBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "state": "waiting",
                     *       "question": "What brings you here?",
                     *       "answer": "I moved here in May and would like to meet people.",
                     *       "asked": "",
                     *       "replied": "",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "since": "2026-11-22T10:00:00.000Z",
                     *       "user": {
                     *         "_id": "65f0c0ffee0000000000be21",
                     *         "name": "Ben",
                     *         "photo_url": "https://skills.example.org/photos/65f0c0ffee00000000000f01.jpg",
                     *         "location": "North side",
                     *         "skills_offered": [
                     *           "Guitar"
                     *         ],
                     *         "skills_wanted": [
                     *           "Python"
                     *         ],
                     *         "offered_levels": {},
                     *         "wanted_levels": {},
                     *         "availability": "weekday evenings",
                     *         "facts": {
                     *           "member_since": "2026-09",
                     *           "swaps_held": 4,
                     *           "replies": "within_a_day",
                     *           "no_shows": 0,
                     *           "rating": {
                     *             "mean": 4.8,
                     *             "n": 4
                     *           }
                     *         }
                     *       },
                     *       "invited_by": null,
                     *       "decided_by": null,
                     *       "version": 1
                     *     }
                     */
                    "application/json": components["schemas"]["ApplicantDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_invites: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "_id": "65f0c0ffee0000000000f001",
                     *         "code": "kX3v9QpLz-a1",
                     *         "start": "i_kX3v9QpLz-a1",
                     *         "url": "https://skills.example.org/i/kX3v9QpLz-a1",
                     *         "uses": 20,
                     *         "used": 3,
                     *         "until": "2026-11-22T10:00:00.000Z",
                     *         "state": "running"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["InviteDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_invite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "uses": 20,
                 *       "days": 30
                 *     }
                 */
                "application/json": components["schemas"]["InviteBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000f001",
                     *       "code": "kX3v9QpLz-a1",
                     *       "start": "i_kX3v9QpLz-a1",
                     *       "url": "https://skills.example.org/i/kX3v9QpLz-a1",
                     *       "uses": 20,
                     *       "used": 3,
                     *       "until": "2026-11-22T10:00:00.000Z",
                     *       "state": "running"
                     *     }
                     */
                    "application/json": components["schemas"]["InviteDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_invite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "state": "running",
                     *       "invited_by": "Ada",
                     *       "until": "2026-11-22T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["InviteViewDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    accept_invite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "code": "kX3v9QpLz-a1"
                 *     }
                 */
                "application/json": components["schemas"]["AcceptBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000ada1",
                     *       "name": "Ada",
                     *       "email": "ada@example.org",
                     *       "photo_url": null,
                     *       "location": "Harbour",
                     *       "skills_offered": [
                     *         "Python"
                     *       ],
                     *       "skills_wanted": [
                     *         "Guitar"
                     *       ],
                     *       "offered_levels": {},
                     *       "wanted_levels": {},
                     *       "availability": "weekday evenings",
                     *       "hours": [
                     *         [
                     *           18,
                     *           19,
                     *           20,
                     *           21
                     *         ],
                     *         [],
                     *         [],
                     *         [
                     *           20,
                     *           21
                     *         ],
                     *         [],
                     *         [],
                     *         []
                     *       ],
                     *       "coordinates": {
                     *         "latitude": 40.4,
                     *         "longitude": -3.7
                     *       },
                     *       "is_public": true,
                     *       "locale": "en",
                     *       "timezone": null,
                     *       "role": "member",
                     *       "status": "active",
                     *       "notifications": true,
                     *       "telegram_linked": true,
                     *       "rules_agreed": 2,
                     *       "membership": "member",
                     *       "warned_at": null,
                     *       "suspended_until": null,
                     *       "standing_reason": null,
                     *       "created_at": "2026-11-22T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["OwnUser"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    delete_invite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000f001",
                     *       "code": "kX3v9QpLz-a1",
                     *       "start": "i_kX3v9QpLz-a1",
                     *       "url": "https://skills.example.org/i/kX3v9QpLz-a1",
                     *       "uses": 20,
                     *       "used": 3,
                     *       "until": "2026-11-22T10:00:00.000Z",
                     *       "state": "revoked"
                     *     }
                     */
                    "application/json": components["schemas"]["InviteDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_user: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000ada1",
                     *       "name": "Ada",
                     *       "email": "ada@example.org",
                     *       "photo_url": null,
                     *       "location": "Harbour",
                     *       "skills_offered": [
                     *         "Python"
                     *       ],
                     *       "skills_wanted": [
                     *         "Guitar"
                     *       ],
                     *       "offered_levels": {},
                     *       "wanted_levels": {},
                     *       "availability": "weekday evenings",
                     *       "hours": [
                     *         [
                     *           18,
                     *           19,
                     *           20,
                     *           21
                     *         ],
                     *         [],
                     *         [],
                     *         [
                     *           20,
                     *           21
                     *         ],
                     *         [],
                     *         [],
                     *         []
                     *       ],
                     *       "coordinates": {
                     *         "latitude": 40.4,
                     *         "longitude": -3.7
                     *       },
                     *       "is_public": true,
                     *       "locale": "en",
                     *       "timezone": null,
                     *       "role": "member",
                     *       "status": "active",
                     *       "notifications": true,
                     *       "telegram_linked": true,
                     *       "rules_agreed": 2,
                     *       "membership": "member",
                     *       "warned_at": null,
                     *       "suspended_until": null,
                     *       "standing_reason": null,
                     *       "created_at": "2026-11-22T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["OwnUser"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    put_user: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "skills_wanted": [
                 *         "Guitar"
                 *       ],
                 *       "location": "Harbour"
                 *     }
                 */
                "application/json": components["schemas"]["ProfileBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000ada1",
                     *       "name": "Ada",
                     *       "email": "ada@example.org",
                     *       "photo_url": null,
                     *       "location": "Harbour",
                     *       "skills_offered": [
                     *         "Python"
                     *       ],
                     *       "skills_wanted": [
                     *         "Guitar"
                     *       ],
                     *       "offered_levels": {},
                     *       "wanted_levels": {},
                     *       "availability": "weekday evenings",
                     *       "hours": [
                     *         [
                     *           18,
                     *           19,
                     *           20,
                     *           21
                     *         ],
                     *         [],
                     *         [],
                     *         [
                     *           20,
                     *           21
                     *         ],
                     *         [],
                     *         [],
                     *         []
                     *       ],
                     *       "coordinates": {
                     *         "latitude": 40.4,
                     *         "longitude": -3.7
                     *       },
                     *       "is_public": true,
                     *       "locale": "en",
                     *       "timezone": null,
                     *       "role": "member",
                     *       "status": "active",
                     *       "notifications": true,
                     *       "telegram_linked": true,
                     *       "rules_agreed": 2,
                     *       "membership": "member",
                     *       "warned_at": null,
                     *       "suspended_until": null,
                     *       "standing_reason": null,
                     *       "created_at": "2026-11-22T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["OwnUser"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_resume: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000ada1",
                     *       "name": "Ada",
                     *       "email": "ada@example.org",
                     *       "photo_url": null,
                     *       "location": "Harbour",
                     *       "skills_offered": [
                     *         "Python"
                     *       ],
                     *       "skills_wanted": [
                     *         "Guitar"
                     *       ],
                     *       "offered_levels": {},
                     *       "wanted_levels": {},
                     *       "availability": "weekday evenings",
                     *       "hours": [
                     *         [
                     *           18,
                     *           19,
                     *           20,
                     *           21
                     *         ],
                     *         [],
                     *         [],
                     *         [
                     *           20,
                     *           21
                     *         ],
                     *         [],
                     *         [],
                     *         []
                     *       ],
                     *       "coordinates": {
                     *         "latitude": 40.4,
                     *         "longitude": -3.7
                     *       },
                     *       "is_public": true,
                     *       "locale": "en",
                     *       "timezone": null,
                     *       "role": "member",
                     *       "status": "active",
                     *       "notifications": true,
                     *       "telegram_linked": true,
                     *       "rules_agreed": 2,
                     *       "membership": "member",
                     *       "warned_at": null,
                     *       "suspended_until": null,
                     *       "standing_reason": null,
                     *       "created_at": "2026-11-22T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["OwnUser"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    search_users: {
        parameters: {
            query?: {
                skill?: string;
                name?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "user": {
                     *           "_id": "65f0c0ffee0000000000be21",
                     *           "name": "Ben",
                     *           "photo_url": "https://skills.example.org/photos/65f0c0ffee00000000000f01.jpg",
                     *           "location": "North side",
                     *           "skills_offered": [
                     *             "Guitar"
                     *           ],
                     *           "skills_wanted": [
                     *             "Python"
                     *           ],
                     *           "offered_levels": {},
                     *           "wanted_levels": {},
                     *           "availability": "weekday evenings",
                     *           "facts": {
                     *             "member_since": "2026-09",
                     *             "swaps_held": 4,
                     *             "replies": "within_a_day",
                     *             "no_shows": 0,
                     *             "rating": {
                     *               "mean": 4.8,
                     *               "n": 4
                     *             }
                     *           }
                     *         },
                     *         "teaches_you": [
                     *           "Guitar"
                     *         ],
                     *         "you_teach": [
                     *           "Python"
                     *         ],
                     *         "shared_times": [
                     *           "weekday evenings"
                     *         ],
                     *         "score": 0.83,
                     *         "reasons": [
                     *           {
                     *             "key": "common_time",
                     *             "params": {
                     *               "n": 20,
                     *               "amount": "much"
                     *             }
                     *           },
                     *           {
                     *             "key": "answers",
                     *             "params": {}
                     *           }
                     *         ],
                     *         "caveats": [
                     *           {
                     *             "key": "far",
                     *             "params": {
                     *               "km": 60
                     *             }
                     *           }
                     *         ],
                     *         "distance_km": 60
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["MatchCard"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    view_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000be21",
                     *       "name": "Ben",
                     *       "photo_url": "https://skills.example.org/photos/65f0c0ffee00000000000f01.jpg",
                     *       "location": "North side",
                     *       "skills_offered": [
                     *         "Guitar"
                     *       ],
                     *       "skills_wanted": [
                     *         "Python"
                     *       ],
                     *       "offered_levels": {},
                     *       "wanted_levels": {},
                     *       "availability": "weekday evenings",
                     *       "facts": {
                     *         "member_since": "2026-09",
                     *         "swaps_held": 4,
                     *         "replies": "within_a_day",
                     *         "no_shows": 0,
                     *         "rating": {
                     *           "mean": 4.8,
                     *           "n": 4
                     *         }
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["PublicUser"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    complete_skills: {
        parameters: {
            query: {
                q: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "skill": "Guitar",
                     *         "key": "guitar",
                     *         "is_taught": true,
                     *         "is_wanted": false,
                     *         "teachers": 1,
                     *         "learners": 0,
                     *         "is_guess": false
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["SkillDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_categories: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "category": "music",
                     *         "name": "Music",
                     *         "skills": [
                     *           "Guitar",
                     *           "Piano"
                     *         ]
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["CategoryDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_pending: {
        parameters: {
            query?: {
                after?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "skill": {
                     *           "skill": "Gitarrra",
                     *           "key": "gitarrra",
                     *           "is_taught": true,
                     *           "is_wanted": false,
                     *           "teachers": 1,
                     *           "learners": 0,
                     *           "is_guess": false
                     *         },
                     *         "similar": [
                     *           "Guitar"
                     *         ]
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["PendingSkillDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    decide: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "decision": "merged",
                 *       "key": "gitarrra",
                 *       "into": "guitar"
                 *     }
                 */
                "application/json": components["schemas"]["DecisionBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "decision": "merged",
                     *       "key": "gitarrra",
                     *       "into": "guitar",
                     *       "names": {},
                     *       "category": "",
                     *       "aliases": []
                     *     }
                     */
                    "application/json": components["schemas"]["DecisionDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_matches: {
        parameters: {
            query?: {
                kind?: "swaps" | "could_teach_you";
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "user": {
                     *           "_id": "65f0c0ffee0000000000be21",
                     *           "name": "Ben",
                     *           "photo_url": "https://skills.example.org/photos/65f0c0ffee00000000000f01.jpg",
                     *           "location": "North side",
                     *           "skills_offered": [
                     *             "Guitar"
                     *           ],
                     *           "skills_wanted": [
                     *             "Python"
                     *           ],
                     *           "offered_levels": {},
                     *           "wanted_levels": {},
                     *           "availability": "weekday evenings",
                     *           "facts": {
                     *             "member_since": "2026-09",
                     *             "swaps_held": 4,
                     *             "replies": "within_a_day",
                     *             "no_shows": 0,
                     *             "rating": {
                     *               "mean": 4.8,
                     *               "n": 4
                     *             }
                     *           }
                     *         },
                     *         "teaches_you": [
                     *           "Guitar"
                     *         ],
                     *         "you_teach": [
                     *           "Python"
                     *         ],
                     *         "shared_times": [
                     *           "weekday evenings"
                     *         ],
                     *         "score": 0.83,
                     *         "reasons": [
                     *           {
                     *             "key": "common_time",
                     *             "params": {
                     *               "n": 20,
                     *               "amount": "much"
                     *             }
                     *           },
                     *           {
                     *             "key": "answers",
                     *             "params": {}
                     *           }
                     *         ],
                     *         "caveats": [
                     *           {
                     *             "key": "far",
                     *             "params": {
                     *               "km": 60
                     *             }
                     *           }
                     *         ],
                     *         "distance_km": 60
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["MatchCard"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_advice: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "wanting": [
                     *         {
                     *           "skill": "Python",
                     *           "people": 12,
                     *           "can_ask": 11,
                     *           "partners": 1,
                     *           "asked": 0,
                     *           "asking": 0,
                     *           "asked_before": 0,
                     *           "passed": 0,
                     *           "busy": 0
                     *         }
                     *       ],
                     *       "teaching": [
                     *         {
                     *           "skill": "Guitar",
                     *           "people": 2,
                     *           "can_ask": 0,
                     *           "partners": 1,
                     *           "asked": 0,
                     *           "asking": 0,
                     *           "asked_before": 0,
                     *           "passed": 1,
                     *           "busy": 0
                     *         }
                     *       ],
                     *       "want_too": [
                     *         {
                     *           "skill": "Piano",
                     *           "people": 3
                     *         }
                     *       ],
                     *       "teach_too": [],
                     *       "skipped": 2
                     *     }
                     */
                    "application/json": components["schemas"]["AdviceDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    reconsider: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "people": 2
                     *     }
                     */
                    "application/json": components["schemas"]["ReconsideredDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_match: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "user": {
                     *         "_id": "65f0c0ffee0000000000be21",
                     *         "name": "Ben",
                     *         "photo_url": "https://skills.example.org/photos/65f0c0ffee00000000000f01.jpg",
                     *         "location": "North side",
                     *         "skills_offered": [
                     *           "Guitar"
                     *         ],
                     *         "skills_wanted": [
                     *           "Python"
                     *         ],
                     *         "offered_levels": {},
                     *         "wanted_levels": {},
                     *         "availability": "weekday evenings",
                     *         "facts": {
                     *           "member_since": "2026-09",
                     *           "swaps_held": 4,
                     *           "replies": "within_a_day",
                     *           "no_shows": 0,
                     *           "rating": {
                     *             "mean": 4.8,
                     *             "n": 4
                     *           }
                     *         }
                     *       },
                     *       "teaches_you": [
                     *         "Guitar"
                     *       ],
                     *       "you_teach": [
                     *         "Python"
                     *       ],
                     *       "shared_times": [
                     *         "weekday evenings"
                     *       ],
                     *       "score": 0.83,
                     *       "reasons": [
                     *         {
                     *           "key": "common_time",
                     *           "params": {
                     *             "n": 20,
                     *             "amount": "much"
                     *           }
                     *         },
                     *         {
                     *           "key": "answers",
                     *           "params": {}
                     *         }
                     *       ],
                     *       "caveats": [
                     *         {
                     *           "key": "far",
                     *           "params": {
                     *             "km": 60
                     *           }
                     *         }
                     *       ],
                     *       "distance_km": 60
                     *     }
                     */
                    "application/json": components["schemas"]["MatchCard"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    suggest_times: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "slots": [
                     *         "2026-12-01T17:00:00.000Z"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["TimesDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    skip_match: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000be21"
                     *     }
                     */
                    "application/json": components["schemas"]["SkippedDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    take_back: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000be21"
                     *     }
                     */
                    "application/json": components["schemas"]["SkippedDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    pass_match: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000be21"
                     *     }
                     */
                    "application/json": components["schemas"]["SkippedDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_alerts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "_id": "65f0c0ffee00000000000a1e",
                     *         "skill": "Guitar",
                     *         "is_running": true,
                     *         "created_at": "2026-11-22T10:00:00.000Z",
                     *         "expires_at": "2027-02-20T10:00:00.000Z",
                     *         "found": [
                     *           {
                     *             "_id": "65f0c0ffee0000000000be21",
                     *             "name": "Ben",
                     *             "photo_url": "https://skills.example.org/photos/65f0c0ffee00000000000f01.jpg",
                     *             "location": "North side",
                     *             "skills_offered": [
                     *               "Guitar"
                     *             ],
                     *             "skills_wanted": [
                     *               "Python"
                     *             ],
                     *             "offered_levels": {},
                     *             "wanted_levels": {},
                     *             "availability": "weekday evenings",
                     *             "facts": {
                     *               "member_since": "2026-09",
                     *               "swaps_held": 4,
                     *               "replies": "within_a_day",
                     *               "no_shows": 0,
                     *               "rating": {
                     *                 "mean": 4.8,
                     *                 "n": 4
                     *               }
                     *             }
                     *           }
                     *         ]
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["AlertDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_alert: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "skill": "Guitar"
                 *     }
                 */
                "application/json": components["schemas"]["AlertBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee00000000000a1e",
                     *       "skill": "Guitar",
                     *       "is_running": true,
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "expires_at": "2027-02-20T10:00:00.000Z",
                     *       "found": []
                     *     }
                     */
                    "application/json": components["schemas"]["AlertDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    delete_alert: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example [] */
                    "application/json": components["schemas"]["AlertDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_blocks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "_id": "65f0c0ffee0000000000be21",
                     *         "name": "Ben",
                     *         "blocked_at": "2026-11-22T10:00:00.000Z"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["BlockDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_block: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000be21",
                     *       "name": "Ben",
                     *       "blocked_at": "2026-11-22T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["BlockDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    delete_block: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example [] */
                    "application/json": components["schemas"]["BlockDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_seat_block: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                seat: "you_learn" | "you_teach";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000be21",
                     *       "name": "Ben",
                     *       "blocked_at": "2026-11-22T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["BlockDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_swaps: {
        parameters: {
            query?: {
                status?: "pending" | "accepted" | "proposed" | "rejected" | "expired" | "cancelled" | "completed" | "not_happened" | "disputed" | "lapsed";
                limit?: number;
                before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "sessions": [],
                     *         "stage": null,
                     *         "next_action": {
                     *           "verb": "answer",
                     *           "by": [
                     *             "65f0c0ffee0000000000be21"
                     *           ],
                     *           "until": "2026-11-27T10:00:00.000Z",
                     *           "session": null
                     *         },
                     *         "slots": [
                     *           "2026-12-01T17:00:00.000Z"
                     *         ],
                     *         "minutes": 60,
                     *         "arranged_by": null,
                     *         "done": [],
                     *         "one_way": false,
                     *         "completed_at": null,
                     *         "statement": null,
                     *         "_id": "65f0c0ffee00000000005a01",
                     *         "from_user_id": "65f0c0ffee0000000000ada1",
                     *         "to_user_id": "65f0c0ffee0000000000be21",
                     *         "offered_skill": "Python",
                     *         "wanted_skill": "Guitar",
                     *         "message": "Shall we start on Tuesday?",
                     *         "status": "pending",
                     *         "created_at": "2026-11-22T10:00:00.000Z",
                     *         "updated_at": "2026-11-22T10:00:00.000Z",
                     *         "participants": [
                     *           "65f0c0ffee0000000000ada1",
                     *           "65f0c0ffee0000000000be21"
                     *         ],
                     *         "legs": [
                     *           {
                     *             "teacher": "65f0c0ffee0000000000ada1",
                     *             "learner": "65f0c0ffee0000000000be21",
                     *             "skill": "Python"
                     *           },
                     *           {
                     *             "teacher": "65f0c0ffee0000000000be21",
                     *             "learner": "65f0c0ffee0000000000ada1",
                     *             "skill": "Guitar"
                     *           }
                     *         ],
                     *         "consents": {
                     *           "65f0c0ffee0000000000ada1": 1
                     *         },
                     *         "version": 1,
                     *         "due_at": "2026-11-27T10:00:00.000Z",
                     *         "history": [
                     *           {
                     *             "at": "2026-11-22T10:00:00.000Z",
                     *             "by": "65f0c0ffee0000000000ada1",
                     *             "event": "proposed",
                     *             "status": "pending"
                     *           }
                     *         ],
                     *         "turn": "65f0c0ffee0000000000be21",
                     *         "rounds": 1,
                     *         "offers": [],
                     *         "decline_reason": null,
                     *         "end_reason": null,
                     *         "is_screened": false,
                     *         "decline_note": null,
                     *         "can": [
                     *           "cancel",
                     *           "chat"
                     *         ],
                     *         "away": []
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["SwapDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_swap: {
        parameters: {
            query?: never;
            header?: {
                /** @description A request repeated with the same key within 24 hours is not executed again and gets the first response. 409 while the first request is running, 422 when the body differs. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "to_user_id": "65f0c0ffee0000000000be21",
                 *       "offered_skill": "Python",
                 *       "wanted_skill": "Guitar",
                 *       "message": "Shall we start on Tuesday?",
                 *       "slots": [
                 *         "2026-12-01T17:00:00.000Z"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["ProposalBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [],
                     *       "stage": null,
                     *       "next_action": {
                     *         "verb": "answer",
                     *         "by": [
                     *           "65f0c0ffee0000000000be21"
                     *         ],
                     *         "until": "2026-11-27T10:00:00.000Z",
                     *         "session": null
                     *       },
                     *       "slots": [
                     *         "2026-12-01T17:00:00.000Z"
                     *       ],
                     *       "minutes": 60,
                     *       "arranged_by": null,
                     *       "done": [],
                     *       "one_way": false,
                     *       "completed_at": null,
                     *       "statement": null,
                     *       "_id": "65f0c0ffee00000000005a01",
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "offered_skill": "Python",
                     *       "wanted_skill": "Guitar",
                     *       "message": "Shall we start on Tuesday?",
                     *       "status": "pending",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "updated_at": "2026-11-22T10:00:00.000Z",
                     *       "participants": [
                     *         "65f0c0ffee0000000000ada1",
                     *         "65f0c0ffee0000000000be21"
                     *       ],
                     *       "legs": [
                     *         {
                     *           "teacher": "65f0c0ffee0000000000ada1",
                     *           "learner": "65f0c0ffee0000000000be21",
                     *           "skill": "Python"
                     *         },
                     *         {
                     *           "teacher": "65f0c0ffee0000000000be21",
                     *           "learner": "65f0c0ffee0000000000ada1",
                     *           "skill": "Guitar"
                     *         }
                     *       ],
                     *       "consents": {
                     *         "65f0c0ffee0000000000ada1": 1
                     *       },
                     *       "version": 1,
                     *       "due_at": "2026-11-27T10:00:00.000Z",
                     *       "history": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000ada1",
                     *           "event": "proposed",
                     *           "status": "pending"
                     *         }
                     *       ],
                     *       "turn": "65f0c0ffee0000000000be21",
                     *       "rounds": 1,
                     *       "offers": [],
                     *       "decline_reason": null,
                     *       "end_reason": null,
                     *       "is_screened": false,
                     *       "decline_note": null,
                     *       "can": [
                     *         "cancel",
                     *         "chat"
                     *       ],
                     *       "away": []
                     *     }
                     */
                    "application/json": components["schemas"]["SwapDocument"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [],
                     *       "stage": null,
                     *       "next_action": {
                     *         "verb": "answer",
                     *         "by": [
                     *           "65f0c0ffee0000000000be21"
                     *         ],
                     *         "until": "2026-11-27T10:00:00.000Z",
                     *         "session": null
                     *       },
                     *       "slots": [
                     *         "2026-12-01T17:00:00.000Z"
                     *       ],
                     *       "minutes": 60,
                     *       "arranged_by": null,
                     *       "done": [],
                     *       "one_way": false,
                     *       "completed_at": null,
                     *       "statement": null,
                     *       "_id": "65f0c0ffee00000000005a01",
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "offered_skill": "Python",
                     *       "wanted_skill": "Guitar",
                     *       "message": "Shall we start on Tuesday?",
                     *       "status": "pending",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "updated_at": "2026-11-22T10:00:00.000Z",
                     *       "participants": [
                     *         "65f0c0ffee0000000000ada1",
                     *         "65f0c0ffee0000000000be21"
                     *       ],
                     *       "legs": [
                     *         {
                     *           "teacher": "65f0c0ffee0000000000ada1",
                     *           "learner": "65f0c0ffee0000000000be21",
                     *           "skill": "Python"
                     *         },
                     *         {
                     *           "teacher": "65f0c0ffee0000000000be21",
                     *           "learner": "65f0c0ffee0000000000ada1",
                     *           "skill": "Guitar"
                     *         }
                     *       ],
                     *       "consents": {
                     *         "65f0c0ffee0000000000ada1": 1
                     *       },
                     *       "version": 1,
                     *       "due_at": "2026-11-27T10:00:00.000Z",
                     *       "history": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000ada1",
                     *           "event": "proposed",
                     *           "status": "pending"
                     *         }
                     *       ],
                     *       "turn": "65f0c0ffee0000000000be21",
                     *       "rounds": 1,
                     *       "offers": [],
                     *       "decline_reason": null,
                     *       "end_reason": null,
                     *       "is_screened": false,
                     *       "decline_note": null,
                     *       "can": [
                     *         "cancel",
                     *         "chat"
                     *       ],
                     *       "away": []
                     *     }
                     */
                    "application/json": components["schemas"]["SwapDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_swap: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [],
                     *       "stage": null,
                     *       "next_action": {
                     *         "verb": "answer",
                     *         "by": [
                     *           "65f0c0ffee0000000000be21"
                     *         ],
                     *         "until": "2026-11-27T10:00:00.000Z",
                     *         "session": null
                     *       },
                     *       "slots": [
                     *         "2026-12-01T17:00:00.000Z"
                     *       ],
                     *       "minutes": 60,
                     *       "arranged_by": null,
                     *       "done": [],
                     *       "one_way": false,
                     *       "completed_at": null,
                     *       "statement": null,
                     *       "_id": "65f0c0ffee00000000005a01",
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "offered_skill": "Python",
                     *       "wanted_skill": "Guitar",
                     *       "message": "Shall we start on Tuesday?",
                     *       "status": "pending",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "updated_at": "2026-11-22T10:00:00.000Z",
                     *       "participants": [
                     *         "65f0c0ffee0000000000ada1",
                     *         "65f0c0ffee0000000000be21"
                     *       ],
                     *       "legs": [
                     *         {
                     *           "teacher": "65f0c0ffee0000000000ada1",
                     *           "learner": "65f0c0ffee0000000000be21",
                     *           "skill": "Python"
                     *         },
                     *         {
                     *           "teacher": "65f0c0ffee0000000000be21",
                     *           "learner": "65f0c0ffee0000000000ada1",
                     *           "skill": "Guitar"
                     *         }
                     *       ],
                     *       "consents": {
                     *         "65f0c0ffee0000000000ada1": 1
                     *       },
                     *       "version": 1,
                     *       "due_at": "2026-11-27T10:00:00.000Z",
                     *       "history": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000ada1",
                     *           "event": "proposed",
                     *           "status": "pending"
                     *         }
                     *       ],
                     *       "turn": "65f0c0ffee0000000000be21",
                     *       "rounds": 1,
                     *       "offers": [],
                     *       "decline_reason": null,
                     *       "end_reason": null,
                     *       "is_screened": false,
                     *       "decline_note": null,
                     *       "can": [
                     *         "cancel",
                     *         "chat"
                     *       ],
                     *       "away": []
                     *     }
                     */
                    "application/json": components["schemas"]["SwapDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    put_swap: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the version that you have read. 412 when it has changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "status": "accepted",
                 *       "version": 1
                 *     }
                 */
                "application/json": components["schemas"]["AnswerBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [],
                     *       "stage": "talking",
                     *       "next_action": {
                     *         "verb": "plan",
                     *         "by": [
                     *           "65f0c0ffee0000000000ada1",
                     *           "65f0c0ffee0000000000be21"
                     *         ],
                     *         "until": "2026-12-13T10:00:00.000Z",
                     *         "session": null
                     *       },
                     *       "slots": [
                     *         "2026-12-01T17:00:00.000Z"
                     *       ],
                     *       "minutes": 60,
                     *       "arranged_by": null,
                     *       "done": [],
                     *       "one_way": false,
                     *       "completed_at": null,
                     *       "statement": null,
                     *       "_id": "65f0c0ffee00000000005a01",
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "offered_skill": "Python",
                     *       "wanted_skill": "Guitar",
                     *       "message": "Shall we start on Tuesday?",
                     *       "status": "accepted",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "updated_at": "2026-11-22T10:00:00.000Z",
                     *       "participants": [
                     *         "65f0c0ffee0000000000ada1",
                     *         "65f0c0ffee0000000000be21"
                     *       ],
                     *       "legs": [
                     *         {
                     *           "teacher": "65f0c0ffee0000000000ada1",
                     *           "learner": "65f0c0ffee0000000000be21",
                     *           "skill": "Python"
                     *         },
                     *         {
                     *           "teacher": "65f0c0ffee0000000000be21",
                     *           "learner": "65f0c0ffee0000000000ada1",
                     *           "skill": "Guitar"
                     *         }
                     *       ],
                     *       "consents": {
                     *         "65f0c0ffee0000000000ada1": 1,
                     *         "65f0c0ffee0000000000be21": 2
                     *       },
                     *       "version": 2,
                     *       "due_at": null,
                     *       "history": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000ada1",
                     *           "event": "proposed",
                     *           "status": "pending"
                     *         },
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000be21",
                     *           "event": "accepted",
                     *           "status": "accepted"
                     *         }
                     *       ],
                     *       "turn": null,
                     *       "rounds": 1,
                     *       "offers": [],
                     *       "decline_reason": null,
                     *       "end_reason": null,
                     *       "is_screened": false,
                     *       "decline_note": null,
                     *       "can": [
                     *         "chat",
                     *         "cancel",
                     *         "plan",
                     *         "met",
                     *         "arrange"
                     *       ],
                     *       "away": []
                     *     }
                     */
                    "application/json": components["schemas"]["SwapDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_counter: {
        parameters: {
            query?: never;
            header?: {
                /** @description A request repeated with the same key within 24 hours is not executed again and gets the first response. 409 while the first request is running, 422 when the body differs. */
                "Idempotency-Key"?: string;
                /** @description The ETag of the version that you have read. 412 when it has changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "offered_skill": "Guitar",
                 *       "wanted_skill": "Chess",
                 *       "message": "I know some Python already. Would you teach me chess?",
                 *       "version": 1
                 *     }
                 */
                "application/json": components["schemas"]["CounterBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [],
                     *       "stage": null,
                     *       "next_action": {
                     *         "verb": "answer",
                     *         "by": [
                     *           "65f0c0ffee0000000000ada1"
                     *         ],
                     *         "until": "2026-11-27T10:00:00.000Z",
                     *         "session": null
                     *       },
                     *       "slots": [
                     *         "2026-12-01T17:00:00.000Z"
                     *       ],
                     *       "minutes": 60,
                     *       "arranged_by": null,
                     *       "done": [],
                     *       "one_way": false,
                     *       "completed_at": null,
                     *       "statement": null,
                     *       "_id": "65f0c0ffee00000000005a01",
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "offered_skill": "Chess",
                     *       "wanted_skill": "Guitar",
                     *       "message": "I know some Python already. Would you teach me chess?",
                     *       "status": "pending",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "updated_at": "2026-11-22T10:00:00.000Z",
                     *       "participants": [
                     *         "65f0c0ffee0000000000ada1",
                     *         "65f0c0ffee0000000000be21"
                     *       ],
                     *       "legs": [
                     *         {
                     *           "teacher": "65f0c0ffee0000000000ada1",
                     *           "learner": "65f0c0ffee0000000000be21",
                     *           "skill": "Chess"
                     *         },
                     *         {
                     *           "teacher": "65f0c0ffee0000000000be21",
                     *           "learner": "65f0c0ffee0000000000ada1",
                     *           "skill": "Guitar"
                     *         }
                     *       ],
                     *       "consents": {
                     *         "65f0c0ffee0000000000be21": 2
                     *       },
                     *       "version": 2,
                     *       "due_at": "2026-11-27T10:00:00.000Z",
                     *       "history": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000ada1",
                     *           "event": "proposed",
                     *           "status": "pending"
                     *         },
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000be21",
                     *           "event": "countered",
                     *           "status": "pending"
                     *         }
                     *       ],
                     *       "turn": "65f0c0ffee0000000000ada1",
                     *       "rounds": 2,
                     *       "offers": [
                     *         {
                     *           "by": "65f0c0ffee0000000000ada1",
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "offered_skill": "Python",
                     *           "wanted_skill": "Guitar",
                     *           "message": "Shall we start on Tuesday?"
                     *         }
                     *       ],
                     *       "decline_reason": null,
                     *       "end_reason": null,
                     *       "is_screened": false,
                     *       "decline_note": null,
                     *       "can": [
                     *         "cancel",
                     *         "chat"
                     *       ],
                     *       "away": []
                     *     }
                     */
                    "application/json": components["schemas"]["SwapDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_again: {
        parameters: {
            query?: never;
            header?: {
                /** @description A request repeated with the same key within 24 hours is not executed again and gets the first response. 409 while the first request is running, 422 when the body differs. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [],
                     *       "stage": null,
                     *       "next_action": {
                     *         "verb": "answer",
                     *         "by": [
                     *           "65f0c0ffee0000000000be21"
                     *         ],
                     *         "until": "2026-11-27T10:00:00.000Z",
                     *         "session": null
                     *       },
                     *       "slots": [
                     *         "2026-12-01T17:00:00.000Z"
                     *       ],
                     *       "minutes": 60,
                     *       "arranged_by": null,
                     *       "done": [],
                     *       "one_way": false,
                     *       "completed_at": null,
                     *       "statement": null,
                     *       "_id": "65f0c0ffee00000000005a01",
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "offered_skill": "Python",
                     *       "wanted_skill": "Guitar",
                     *       "message": "Shall we start on Tuesday?",
                     *       "status": "pending",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "updated_at": "2026-11-22T10:00:00.000Z",
                     *       "participants": [
                     *         "65f0c0ffee0000000000ada1",
                     *         "65f0c0ffee0000000000be21"
                     *       ],
                     *       "legs": [
                     *         {
                     *           "teacher": "65f0c0ffee0000000000ada1",
                     *           "learner": "65f0c0ffee0000000000be21",
                     *           "skill": "Python"
                     *         },
                     *         {
                     *           "teacher": "65f0c0ffee0000000000be21",
                     *           "learner": "65f0c0ffee0000000000ada1",
                     *           "skill": "Guitar"
                     *         }
                     *       ],
                     *       "consents": {
                     *         "65f0c0ffee0000000000ada1": 1
                     *       },
                     *       "version": 1,
                     *       "due_at": "2026-11-27T10:00:00.000Z",
                     *       "history": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000ada1",
                     *           "event": "proposed",
                     *           "status": "pending"
                     *         }
                     *       ],
                     *       "turn": "65f0c0ffee0000000000be21",
                     *       "rounds": 1,
                     *       "offers": [],
                     *       "decline_reason": null,
                     *       "end_reason": null,
                     *       "is_screened": false,
                     *       "decline_note": null,
                     *       "can": [
                     *         "cancel",
                     *         "chat"
                     *       ],
                     *       "away": []
                     *     }
                     */
                    "application/json": components["schemas"]["SwapDocument"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [],
                     *       "stage": null,
                     *       "next_action": {
                     *         "verb": "answer",
                     *         "by": [
                     *           "65f0c0ffee0000000000be21"
                     *         ],
                     *         "until": "2026-11-27T10:00:00.000Z",
                     *         "session": null
                     *       },
                     *       "slots": [
                     *         "2026-12-01T17:00:00.000Z"
                     *       ],
                     *       "minutes": 60,
                     *       "arranged_by": null,
                     *       "done": [],
                     *       "one_way": false,
                     *       "completed_at": null,
                     *       "statement": null,
                     *       "_id": "65f0c0ffee00000000005a01",
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "offered_skill": "Python",
                     *       "wanted_skill": "Guitar",
                     *       "message": "Shall we start on Tuesday?",
                     *       "status": "pending",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "updated_at": "2026-11-22T10:00:00.000Z",
                     *       "participants": [
                     *         "65f0c0ffee0000000000ada1",
                     *         "65f0c0ffee0000000000be21"
                     *       ],
                     *       "legs": [
                     *         {
                     *           "teacher": "65f0c0ffee0000000000ada1",
                     *           "learner": "65f0c0ffee0000000000be21",
                     *           "skill": "Python"
                     *         },
                     *         {
                     *           "teacher": "65f0c0ffee0000000000be21",
                     *           "learner": "65f0c0ffee0000000000ada1",
                     *           "skill": "Guitar"
                     *         }
                     *       ],
                     *       "consents": {
                     *         "65f0c0ffee0000000000ada1": 1
                     *       },
                     *       "version": 1,
                     *       "due_at": "2026-11-27T10:00:00.000Z",
                     *       "history": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000ada1",
                     *           "event": "proposed",
                     *           "status": "pending"
                     *         }
                     *       ],
                     *       "turn": "65f0c0ffee0000000000be21",
                     *       "rounds": 1,
                     *       "offers": [],
                     *       "decline_reason": null,
                     *       "end_reason": null,
                     *       "is_screened": false,
                     *       "decline_note": null,
                     *       "can": [
                     *         "cancel",
                     *         "chat"
                     *       ],
                     *       "away": []
                     *     }
                     */
                    "application/json": components["schemas"]["SwapDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_swap_sessions: {
        parameters: {
            query?: {
                from?: string;
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "swap_id": "65f0c0ffee00000000005a01",
                     *         "session": {
                     *           "id": "1",
                     *           "legs": [
                     *             0,
                     *             1
                     *           ],
                     *           "status": "agreed",
                     *           "slots": [],
                     *           "starts_at": "2026-12-01T17:00:00.000Z",
                     *           "ends_at": "2026-12-01T18:30:00.000Z",
                     *           "minutes": 90,
                     *           "mode": "online",
                     *           "place": "",
                     *           "link": "https://meet.example.org/ada-and-ben",
                     *           "called_off_by": null,
                     *           "noted_by": null,
                     *           "moves": 0,
                     *           "is_late": false,
                     *           "answers": {},
                     *           "reason": null,
                     *           "held_legs": [],
                     *           "is_auto": false,
                     *           "confirmed": [],
                     *           "sequence": 1,
                     *           "people": [
                     *             "65f0c0ffee0000000000ada1",
                     *             "65f0c0ffee0000000000be21"
                     *           ],
                     *           "offered_by": "65f0c0ffee0000000000ada1",
                     *           "can": [
                     *             "move",
                     *             "call_off"
                     *           ]
                     *         }
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["SwapSessionItem"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    suggest_session_times: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "slots": [
                     *         "2026-12-01T17:00:00.000Z"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["TimesDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_session: {
        parameters: {
            query?: never;
            header?: {
                /** @description A request repeated with the same key within 24 hours is not executed again and gets the first response. 409 while the first request is running, 422 when the body differs. */
                "Idempotency-Key"?: string;
                /** @description The ETag of the version that you have read. 412 when it has changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "slots": [
                 *         "2026-12-01T18:00",
                 *         "2026-12-03T19:00"
                 *       ],
                 *       "timezone": "Europe/Madrid",
                 *       "minutes": 90,
                 *       "link": "https://meet.example.org/ada-and-ben"
                 *     }
                 */
                "application/json": components["schemas"]["SessionBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [
                     *         {
                     *           "id": "1",
                     *           "legs": [
                     *             0,
                     *             1
                     *           ],
                     *           "status": "offered",
                     *           "slots": [
                     *             "2026-12-01T17:00:00.000Z",
                     *             "2026-12-03T18:00:00.000Z"
                     *           ],
                     *           "starts_at": null,
                     *           "ends_at": null,
                     *           "minutes": 90,
                     *           "mode": "online",
                     *           "place": "",
                     *           "link": "https://meet.example.org/ada-and-ben",
                     *           "called_off_by": null,
                     *           "noted_by": null,
                     *           "moves": 0,
                     *           "is_late": false,
                     *           "answers": {},
                     *           "reason": null,
                     *           "held_legs": [],
                     *           "is_auto": false,
                     *           "confirmed": [],
                     *           "sequence": 0,
                     *           "people": [
                     *             "65f0c0ffee0000000000ada1",
                     *             "65f0c0ffee0000000000be21"
                     *           ],
                     *           "offered_by": "65f0c0ffee0000000000ada1",
                     *           "can": [
                     *             "move",
                     *             "call_off"
                     *           ]
                     *         }
                     *       ],
                     *       "stage": "talking",
                     *       "next_action": {
                     *         "verb": "agree",
                     *         "by": [
                     *           "65f0c0ffee0000000000be21"
                     *         ],
                     *         "until": "2026-12-03T18:00:00.000Z",
                     *         "session": "1"
                     *       },
                     *       "slots": [
                     *         "2026-12-01T17:00:00.000Z"
                     *       ],
                     *       "minutes": 60,
                     *       "arranged_by": null,
                     *       "done": [],
                     *       "one_way": false,
                     *       "completed_at": null,
                     *       "statement": null,
                     *       "_id": "65f0c0ffee00000000005a01",
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "offered_skill": "Python",
                     *       "wanted_skill": "Guitar",
                     *       "message": "Shall we start on Tuesday?",
                     *       "status": "accepted",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "updated_at": "2026-11-22T10:00:00.000Z",
                     *       "participants": [
                     *         "65f0c0ffee0000000000ada1",
                     *         "65f0c0ffee0000000000be21"
                     *       ],
                     *       "legs": [
                     *         {
                     *           "teacher": "65f0c0ffee0000000000ada1",
                     *           "learner": "65f0c0ffee0000000000be21",
                     *           "skill": "Python"
                     *         },
                     *         {
                     *           "teacher": "65f0c0ffee0000000000be21",
                     *           "learner": "65f0c0ffee0000000000ada1",
                     *           "skill": "Guitar"
                     *         }
                     *       ],
                     *       "consents": {
                     *         "65f0c0ffee0000000000ada1": 1,
                     *         "65f0c0ffee0000000000be21": 2
                     *       },
                     *       "version": 3,
                     *       "due_at": null,
                     *       "history": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000ada1",
                     *           "event": "proposed",
                     *           "status": "pending"
                     *         },
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000be21",
                     *           "event": "accepted",
                     *           "status": "accepted"
                     *         }
                     *       ],
                     *       "turn": null,
                     *       "rounds": 1,
                     *       "offers": [],
                     *       "decline_reason": null,
                     *       "end_reason": null,
                     *       "is_screened": false,
                     *       "decline_note": null,
                     *       "can": [
                     *         "chat",
                     *         "cancel",
                     *         "plan",
                     *         "met",
                     *         "arrange"
                     *       ],
                     *       "away": []
                     *     }
                     */
                    "application/json": components["schemas"]["SwapDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_session_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                sid: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example BEGIN:VCALENDAR
                     *     VERSION:2.0
                     *     PRODID:-//Skill Swap//EN
                     *     METHOD:PUBLISH
                     *     BEGIN:VEVENT
                     *     SUMMARY:Guitar and Python with Ben
                     *     DTSTART:20261201T170000Z
                     *     DTEND:20261201T183000Z
                     *     DTSTAMP:20261122T100000Z
                     *     UID:65f0c0ffee00000000005a01-1@skillswap
                     *     SEQUENCE:1
                     *     STATUS:CONFIRMED
                     *     END:VEVENT
                     *     END:VCALENDAR
                     */
                    "text/calendar": string;
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_swap_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                sid: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "1",
                     *       "legs": [
                     *         0,
                     *         1
                     *       ],
                     *       "status": "agreed",
                     *       "slots": [],
                     *       "starts_at": "2026-12-01T17:00:00.000Z",
                     *       "ends_at": "2026-12-01T18:30:00.000Z",
                     *       "minutes": 90,
                     *       "mode": "online",
                     *       "place": "",
                     *       "link": "https://meet.example.org/ada-and-ben",
                     *       "called_off_by": null,
                     *       "noted_by": null,
                     *       "moves": 0,
                     *       "is_late": false,
                     *       "answers": {},
                     *       "reason": null,
                     *       "held_legs": [],
                     *       "is_auto": false,
                     *       "confirmed": [],
                     *       "sequence": 1,
                     *       "people": [
                     *         "65f0c0ffee0000000000ada1",
                     *         "65f0c0ffee0000000000be21"
                     *       ],
                     *       "offered_by": "65f0c0ffee0000000000ada1",
                     *       "can": [
                     *         "move",
                     *         "call_off"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["SwapSessionDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    put_session: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the version that you have read. 412 when it has changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
                sid: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "action": "agree",
                 *       "starts_at": "2026-12-01T17:00:00.000Z",
                 *       "version": 3
                 *     }
                 */
                "application/json": components["schemas"]["SessionActionBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [
                     *         {
                     *           "id": "1",
                     *           "legs": [
                     *             0,
                     *             1
                     *           ],
                     *           "status": "agreed",
                     *           "slots": [],
                     *           "starts_at": "2026-12-01T17:00:00.000Z",
                     *           "ends_at": "2026-12-01T18:30:00.000Z",
                     *           "minutes": 90,
                     *           "mode": "online",
                     *           "place": "",
                     *           "link": "https://meet.example.org/ada-and-ben",
                     *           "called_off_by": null,
                     *           "noted_by": null,
                     *           "moves": 0,
                     *           "is_late": false,
                     *           "answers": {},
                     *           "reason": null,
                     *           "held_legs": [],
                     *           "is_auto": false,
                     *           "confirmed": [],
                     *           "sequence": 1,
                     *           "people": [
                     *             "65f0c0ffee0000000000ada1",
                     *             "65f0c0ffee0000000000be21"
                     *           ],
                     *           "offered_by": "65f0c0ffee0000000000ada1",
                     *           "can": [
                     *             "move",
                     *             "call_off"
                     *           ]
                     *         }
                     *       ],
                     *       "stage": "planned",
                     *       "next_action": {
                     *         "verb": "meet",
                     *         "by": [
                     *           "65f0c0ffee0000000000ada1",
                     *           "65f0c0ffee0000000000be21"
                     *         ],
                     *         "until": "2026-12-01T17:00:00.000Z",
                     *         "session": "1"
                     *       },
                     *       "slots": [
                     *         "2026-12-01T17:00:00.000Z"
                     *       ],
                     *       "minutes": 60,
                     *       "arranged_by": null,
                     *       "done": [],
                     *       "one_way": false,
                     *       "completed_at": null,
                     *       "statement": null,
                     *       "_id": "65f0c0ffee00000000005a01",
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "offered_skill": "Python",
                     *       "wanted_skill": "Guitar",
                     *       "message": "Shall we start on Tuesday?",
                     *       "status": "accepted",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "updated_at": "2026-11-22T10:00:00.000Z",
                     *       "participants": [
                     *         "65f0c0ffee0000000000ada1",
                     *         "65f0c0ffee0000000000be21"
                     *       ],
                     *       "legs": [
                     *         {
                     *           "teacher": "65f0c0ffee0000000000ada1",
                     *           "learner": "65f0c0ffee0000000000be21",
                     *           "skill": "Python"
                     *         },
                     *         {
                     *           "teacher": "65f0c0ffee0000000000be21",
                     *           "learner": "65f0c0ffee0000000000ada1",
                     *           "skill": "Guitar"
                     *         }
                     *       ],
                     *       "consents": {
                     *         "65f0c0ffee0000000000ada1": 1,
                     *         "65f0c0ffee0000000000be21": 2
                     *       },
                     *       "version": 4,
                     *       "due_at": null,
                     *       "history": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000ada1",
                     *           "event": "proposed",
                     *           "status": "pending"
                     *         },
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000be21",
                     *           "event": "accepted",
                     *           "status": "accepted"
                     *         }
                     *       ],
                     *       "turn": null,
                     *       "rounds": 1,
                     *       "offers": [],
                     *       "decline_reason": null,
                     *       "end_reason": null,
                     *       "is_screened": false,
                     *       "decline_note": null,
                     *       "can": [
                     *         "chat",
                     *         "cancel",
                     *         "plan",
                     *         "met",
                     *         "arrange"
                     *       ],
                     *       "away": []
                     *     }
                     */
                    "application/json": components["schemas"]["SwapDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_arrange: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the version that you have read. 412 when it has changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [],
                     *       "stage": "talking",
                     *       "next_action": {
                     *         "verb": "plan",
                     *         "by": [
                     *           "65f0c0ffee0000000000ada1",
                     *           "65f0c0ffee0000000000be21"
                     *         ],
                     *         "until": "2026-12-13T10:00:00.000Z",
                     *         "session": null
                     *       },
                     *       "slots": [
                     *         "2026-12-01T17:00:00.000Z"
                     *       ],
                     *       "minutes": 60,
                     *       "arranged_by": "65f0c0ffee0000000000ada1",
                     *       "done": [],
                     *       "one_way": false,
                     *       "completed_at": null,
                     *       "statement": null,
                     *       "_id": "65f0c0ffee00000000005a01",
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "offered_skill": "Python",
                     *       "wanted_skill": "Guitar",
                     *       "message": "Shall we start on Tuesday?",
                     *       "status": "accepted",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "updated_at": "2026-11-22T10:00:00.000Z",
                     *       "participants": [
                     *         "65f0c0ffee0000000000ada1",
                     *         "65f0c0ffee0000000000be21"
                     *       ],
                     *       "legs": [
                     *         {
                     *           "teacher": "65f0c0ffee0000000000ada1",
                     *           "learner": "65f0c0ffee0000000000be21",
                     *           "skill": "Python"
                     *         },
                     *         {
                     *           "teacher": "65f0c0ffee0000000000be21",
                     *           "learner": "65f0c0ffee0000000000ada1",
                     *           "skill": "Guitar"
                     *         }
                     *       ],
                     *       "consents": {
                     *         "65f0c0ffee0000000000ada1": 1,
                     *         "65f0c0ffee0000000000be21": 2
                     *       },
                     *       "version": 2,
                     *       "due_at": null,
                     *       "history": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000ada1",
                     *           "event": "proposed",
                     *           "status": "pending"
                     *         },
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000be21",
                     *           "event": "accepted",
                     *           "status": "accepted"
                     *         }
                     *       ],
                     *       "turn": null,
                     *       "rounds": 1,
                     *       "offers": [],
                     *       "decline_reason": null,
                     *       "end_reason": null,
                     *       "is_screened": false,
                     *       "decline_note": null,
                     *       "can": [
                     *         "chat",
                     *         "cancel",
                     *         "plan"
                     *       ],
                     *       "away": []
                     *     }
                     */
                    "application/json": components["schemas"]["SwapDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_not_yet: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the version that you have read. 412 when it has changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [],
                     *       "stage": "talking",
                     *       "next_action": {
                     *         "verb": "plan",
                     *         "by": [
                     *           "65f0c0ffee0000000000ada1",
                     *           "65f0c0ffee0000000000be21"
                     *         ],
                     *         "until": "2026-12-13T10:00:00.000Z",
                     *         "session": null
                     *       },
                     *       "slots": [
                     *         "2026-12-01T17:00:00.000Z"
                     *       ],
                     *       "minutes": 60,
                     *       "arranged_by": null,
                     *       "done": [],
                     *       "one_way": false,
                     *       "completed_at": null,
                     *       "statement": null,
                     *       "_id": "65f0c0ffee00000000005a01",
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "offered_skill": "Python",
                     *       "wanted_skill": "Guitar",
                     *       "message": "Shall we start on Tuesday?",
                     *       "status": "accepted",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "updated_at": "2026-11-22T10:00:00.000Z",
                     *       "participants": [
                     *         "65f0c0ffee0000000000ada1",
                     *         "65f0c0ffee0000000000be21"
                     *       ],
                     *       "legs": [
                     *         {
                     *           "teacher": "65f0c0ffee0000000000ada1",
                     *           "learner": "65f0c0ffee0000000000be21",
                     *           "skill": "Python"
                     *         },
                     *         {
                     *           "teacher": "65f0c0ffee0000000000be21",
                     *           "learner": "65f0c0ffee0000000000ada1",
                     *           "skill": "Guitar"
                     *         }
                     *       ],
                     *       "consents": {
                     *         "65f0c0ffee0000000000ada1": 1,
                     *         "65f0c0ffee0000000000be21": 2
                     *       },
                     *       "version": 2,
                     *       "due_at": null,
                     *       "history": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000ada1",
                     *           "event": "proposed",
                     *           "status": "pending"
                     *         },
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000be21",
                     *           "event": "accepted",
                     *           "status": "accepted"
                     *         }
                     *       ],
                     *       "turn": null,
                     *       "rounds": 1,
                     *       "offers": [],
                     *       "decline_reason": null,
                     *       "end_reason": null,
                     *       "is_screened": false,
                     *       "decline_note": null,
                     *       "can": [
                     *         "chat",
                     *         "cancel",
                     *         "plan",
                     *         "met",
                     *         "arrange"
                     *       ],
                     *       "away": []
                     *     }
                     */
                    "application/json": components["schemas"]["SwapDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_done: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the version that you have read. 412 when it has changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [],
                     *       "stage": "talking",
                     *       "next_action": {
                     *         "verb": "plan",
                     *         "by": [
                     *           "65f0c0ffee0000000000ada1",
                     *           "65f0c0ffee0000000000be21"
                     *         ],
                     *         "until": "2026-12-13T10:00:00.000Z",
                     *         "session": null
                     *       },
                     *       "slots": [
                     *         "2026-12-01T17:00:00.000Z"
                     *       ],
                     *       "minutes": 60,
                     *       "arranged_by": null,
                     *       "done": [
                     *         "65f0c0ffee0000000000ada1"
                     *       ],
                     *       "one_way": false,
                     *       "completed_at": null,
                     *       "statement": null,
                     *       "_id": "65f0c0ffee00000000005a01",
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "offered_skill": "Python",
                     *       "wanted_skill": "Guitar",
                     *       "message": "Shall we start on Tuesday?",
                     *       "status": "accepted",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "updated_at": "2026-11-22T10:00:00.000Z",
                     *       "participants": [
                     *         "65f0c0ffee0000000000ada1",
                     *         "65f0c0ffee0000000000be21"
                     *       ],
                     *       "legs": [
                     *         {
                     *           "teacher": "65f0c0ffee0000000000ada1",
                     *           "learner": "65f0c0ffee0000000000be21",
                     *           "skill": "Python"
                     *         },
                     *         {
                     *           "teacher": "65f0c0ffee0000000000be21",
                     *           "learner": "65f0c0ffee0000000000ada1",
                     *           "skill": "Guitar"
                     *         }
                     *       ],
                     *       "consents": {
                     *         "65f0c0ffee0000000000ada1": 1,
                     *         "65f0c0ffee0000000000be21": 2
                     *       },
                     *       "version": 2,
                     *       "due_at": null,
                     *       "history": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000ada1",
                     *           "event": "proposed",
                     *           "status": "pending"
                     *         },
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000be21",
                     *           "event": "accepted",
                     *           "status": "accepted"
                     *         }
                     *       ],
                     *       "turn": null,
                     *       "rounds": 1,
                     *       "offers": [],
                     *       "decline_reason": null,
                     *       "end_reason": null,
                     *       "is_screened": false,
                     *       "decline_note": null,
                     *       "can": [
                     *         "chat",
                     *         "cancel",
                     *         "plan",
                     *         "met",
                     *         "arrange"
                     *       ],
                     *       "away": []
                     *     }
                     */
                    "application/json": components["schemas"]["SwapDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    put_statement: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the version that you have read. 412 when it has changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "statement": "I waited for an hour."
                 *     }
                 */
                "application/json": components["schemas"]["StatementBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [],
                     *       "stage": null,
                     *       "next_action": null,
                     *       "slots": [
                     *         "2026-12-01T17:00:00.000Z"
                     *       ],
                     *       "minutes": 60,
                     *       "arranged_by": null,
                     *       "done": [],
                     *       "one_way": false,
                     *       "completed_at": null,
                     *       "statement": "I waited for an hour.",
                     *       "_id": "65f0c0ffee00000000005a01",
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "offered_skill": "Python",
                     *       "wanted_skill": "Guitar",
                     *       "message": "Shall we start on Tuesday?",
                     *       "status": "disputed",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "updated_at": "2026-11-22T10:00:00.000Z",
                     *       "participants": [
                     *         "65f0c0ffee0000000000ada1",
                     *         "65f0c0ffee0000000000be21"
                     *       ],
                     *       "legs": [
                     *         {
                     *           "teacher": "65f0c0ffee0000000000ada1",
                     *           "learner": "65f0c0ffee0000000000be21",
                     *           "skill": "Python"
                     *         },
                     *         {
                     *           "teacher": "65f0c0ffee0000000000be21",
                     *           "learner": "65f0c0ffee0000000000ada1",
                     *           "skill": "Guitar"
                     *         }
                     *       ],
                     *       "consents": {
                     *         "65f0c0ffee0000000000ada1": 1,
                     *         "65f0c0ffee0000000000be21": 2
                     *       },
                     *       "version": 2,
                     *       "due_at": null,
                     *       "history": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000ada1",
                     *           "event": "proposed",
                     *           "status": "pending"
                     *         },
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000be21",
                     *           "event": "accepted",
                     *           "status": "accepted"
                     *         }
                     *       ],
                     *       "turn": null,
                     *       "rounds": 1,
                     *       "offers": [],
                     *       "decline_reason": null,
                     *       "end_reason": null,
                     *       "is_screened": false,
                     *       "decline_note": null,
                     *       "can": [
                     *         "state"
                     *       ],
                     *       "away": []
                     *     }
                     */
                    "application/json": components["schemas"]["SwapDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_calendar: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "is_on": false,
                     *       "url": null,
                     *       "created_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["CalendarDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_calendar: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "is_on": true,
                     *       "url": "https://skills.example.org/calendar/Zk3vQ0r6yUu5pXn1.ics",
                     *       "created_at": "2026-11-22T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["CalendarDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    delete_calendar: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "is_on": false,
                     *       "url": null,
                     *       "created_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["CalendarDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_waiting: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "kind": "answer",
                     *         "swap_id": "65f0c0ffee00000000005a01",
                     *         "is_circle": false,
                     *         "people": [
                     *           {
                     *             "_id": "65f0c0ffee0000000000be21",
                     *             "name": "Ben"
                     *           }
                     *         ],
                     *         "until": "2026-12-01T17:00:00.000Z",
                     *         "session_id": null
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["WaitingDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_badges: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "waiting": 2,
                     *       "unread": 1
                     *     }
                     */
                    "application/json": components["schemas"]["BadgesDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_own_quota: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "limit": 5,
                     *       "used": 3,
                     *       "left": 2,
                     *       "free_at": "2026-12-01T17:00:00.000Z",
                     *       "more": [
                     *         {
                     *           "step": "full_profile",
                     *           "places": 5
                     *         },
                     *         {
                     *           "step": "first_swap",
                     *           "places": 10
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["QuotaDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_screened: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "_id": "65f0c0ffee0000000000c0de",
                     *         "kind": "message",
                     *         "swap_id": "65f0c0ffee00000000005a01",
                     *         "text": "My number is 030 1234567",
                     *         "created_at": "2026-11-22T10:00:00.000Z",
                     *         "until": "2026-11-22T10:00:00.000Z"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["ScreenedWordsDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    delete_screened: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "_id": "65f0c0ffee0000000000c0de",
                     *         "kind": "message",
                     *         "swap_id": "65f0c0ffee00000000005a01",
                     *         "text": "My number is 030 1234567",
                     *         "created_at": "2026-11-22T10:00:00.000Z",
                     *         "until": "2026-11-22T10:00:00.000Z"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["ScreenedWordsDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_review: {
        parameters: {
            query?: never;
            header?: {
                /** @description A request repeated with the same key within 24 hours is not executed again and gets the first response. 409 while the first request is running, 422 when the body differs. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "swap_id": "65f0c0ffee00000000005a01",
                 *       "stars": 5,
                 *       "praise": [
                 *         "clear",
                 *         "friendly"
                 *       ],
                 *       "text": "Two patient hours, and I can play a song.",
                 *       "note_to_moderators": ""
                 *     }
                 */
                "application/json": components["schemas"]["NewReviewBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee00000000000601",
                     *       "swap_id": "65f0c0ffee00000000005a01",
                     *       "about": "65f0c0ffee0000000000be21",
                     *       "leg": 1,
                     *       "stars": 5,
                     *       "praise": [
                     *         "clear",
                     *         "friendly"
                     *       ],
                     *       "text": "Two patient hours, and I can play a song.",
                     *       "note_to_moderators": "",
                     *       "reply": "",
                     *       "shown": false,
                     *       "created_at": "2026-11-22T18:00:00.000Z",
                     *       "window_ends": "2026-12-06T18:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["OwnReview"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    decline_review: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "swap_id": "65f0c0ffee00000000005a01"
                 *     }
                 */
                "application/json": components["schemas"]["DeclineBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee00000000000601",
                     *       "swap_id": "65f0c0ffee00000000005a01",
                     *       "about": "65f0c0ffee0000000000be21",
                     *       "leg": 1,
                     *       "stars": null,
                     *       "praise": [],
                     *       "text": "",
                     *       "note_to_moderators": "",
                     *       "reply": "",
                     *       "shown": false,
                     *       "created_at": "2026-11-22T18:00:00.000Z",
                     *       "window_ends": "2026-12-06T18:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["OwnReview"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_pending_reviews: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "swap_id": "65f0c0ffee00000000005a01",
                     *         "about": "65f0c0ffee0000000000be21",
                     *         "leg": 1,
                     *         "skill": "Guitar",
                     *         "until": "2026-12-06T18:00:00.000Z"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["PendingReviewDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    put_review: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "stars": 4,
                 *       "praise": [
                 *         "clear",
                 *         "friendly"
                 *       ],
                 *       "text": "Two patient hours, and I can play a song.",
                 *       "note_to_moderators": ""
                 *     }
                 */
                "application/json": components["schemas"]["RatingBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee00000000000601",
                     *       "swap_id": "65f0c0ffee00000000005a01",
                     *       "about": "65f0c0ffee0000000000be21",
                     *       "leg": 1,
                     *       "stars": 4,
                     *       "praise": [
                     *         "clear",
                     *         "friendly"
                     *       ],
                     *       "text": "Two patient hours, and I can play a song.",
                     *       "note_to_moderators": "",
                     *       "reply": "",
                     *       "shown": false,
                     *       "created_at": "2026-11-22T18:00:00.000Z",
                     *       "window_ends": "2026-12-06T18:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["OwnReview"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_reply: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "text": "Thank you, it was a pleasure."
                 *     }
                 */
                "application/json": components["schemas"]["ReplyBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee00000000000601",
                     *       "author": "65f0c0ffee0000000000ada1",
                     *       "author_name": "Ada",
                     *       "stars": 5,
                     *       "praise": [
                     *         "clear",
                     *         "friendly"
                     *       ],
                     *       "text": "Two patient hours, and I can play a song.",
                     *       "reply": "Thank you, it was a pleasure.",
                     *       "created_at": "2026-11-22T18:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ShownReviewDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_swap_reviews: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "_id": "65f0c0ffee00000000000601",
                     *         "swap_id": "65f0c0ffee00000000005a01",
                     *         "about": "65f0c0ffee0000000000be21",
                     *         "leg": 1,
                     *         "stars": 5,
                     *         "praise": [
                     *           "clear",
                     *           "friendly"
                     *         ],
                     *         "text": "Two patient hours, and I can play a song.",
                     *         "note_to_moderators": "",
                     *         "reply": "",
                     *         "shown": false,
                     *         "created_at": "2026-11-22T18:00:00.000Z",
                     *         "window_ends": "2026-12-06T18:00:00.000Z"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["OwnReview"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_user_reviews: {
        parameters: {
            query?: {
                limit?: number;
                before?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "_id": "65f0c0ffee00000000000601",
                     *         "author": "65f0c0ffee0000000000ada1",
                     *         "author_name": "Ada",
                     *         "stars": 5,
                     *         "praise": [
                     *           "clear",
                     *           "friendly"
                     *         ],
                     *         "text": "Two patient hours, and I can play a song.",
                     *         "reply": "",
                     *         "created_at": "2026-11-22T18:00:00.000Z"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["ShownReviewDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_review_notes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "review_id": "65f0c0ffee00000000000601",
                     *         "swap_id": "65f0c0ffee00000000005a01",
                     *         "author": "65f0c0ffee0000000000ada1",
                     *         "about": "65f0c0ffee0000000000be21",
                     *         "stars": 5,
                     *         "note": "The room at the library was locked.",
                     *         "created_at": "2026-11-22T18:00:00.000Z"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["NoteDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_letters: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "letters": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "from_organisers": true,
                     *           "text": "Did you call?"
                     *         },
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "from_organisers": false,
                     *           "text": "Yes, twice."
                     *         }
                     *       ],
                     *       "may_answer": true
                     *     }
                     */
                    "application/json": components["schemas"]["LettersDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_answer: {
        parameters: {
            query?: never;
            header?: {
                /** @description A request repeated with the same key within 24 hours is not executed again and gets the first response. 409 while the first request is running, 422 when the body differs. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LetterBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "letters": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "from_organisers": true,
                     *           "text": "Did you call?"
                     *         },
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "from_organisers": false,
                     *           "text": "Yes, twice."
                     *         }
                     *       ],
                     *       "may_answer": true
                     *     }
                     */
                    "application/json": components["schemas"]["LettersDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_person_letters: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "user": "65f0c0ffee0000000000be21",
                     *       "letters": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000e0a1",
                     *           "text": "Did you call?",
                     *           "decision": null,
                     *           "noted_by": null
                     *         },
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": null,
                     *           "text": "Yes, twice.",
                     *           "decision": null,
                     *           "noted_by": "65f0c0ffee0000000000e0a1"
                     *         }
                     *       ],
                     *       "turns": 2
                     *     }
                     */
                    "application/json": components["schemas"]["CorrespondenceDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_letter: {
        parameters: {
            query?: never;
            header?: {
                /** @description A request repeated with the same key within 24 hours is not executed again and gets the first response. 409 while the first request is running, 422 when the body differs. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LetterBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "user": "65f0c0ffee0000000000be21",
                     *       "letters": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000e0a1",
                     *           "text": "Did you call?",
                     *           "decision": null,
                     *           "noted_by": null
                     *         },
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": null,
                     *           "text": "Yes, twice.",
                     *           "decision": null,
                     *           "noted_by": "65f0c0ffee0000000000e0a1"
                     *         }
                     *       ],
                     *       "turns": 2
                     *     }
                     */
                    "application/json": components["schemas"]["CorrespondenceDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_report: {
        parameters: {
            query?: never;
            header?: {
                /** @description A request repeated with the same key within 24 hours is not executed again and gets the first response. 409 while the first request is running, 422 when the body differs. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "about": "65f0c0ffee0000000000be21",
                 *       "reason": "rude",
                 *       "text": "Shouted at me.",
                 *       "block": true
                 *     }
                 */
                "application/json": components["schemas"]["ReportBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000e907a01",
                     *       "about": "65f0c0ffee0000000000be21",
                     *       "reason": "rude",
                     *       "subject": "profile",
                     *       "subject_id": "65f0c0ffee0000000000be21",
                     *       "created_at": "2026-11-22T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ReportDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_cases: {
        parameters: {
            query?: {
                state?: "open" | "taken" | "done";
                before?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "_id": "65f0c0ffee00000000ca5e01",
                     *         "about": "65f0c0ffee0000000000be21",
                     *         "state": "open",
                     *         "kinds": [
                     *           "report"
                     *         ],
                     *         "reasons": [
                     *           "rude"
                     *         ],
                     *         "reports": 1,
                     *         "taken_by": null,
                     *         "decision": null,
                     *         "opened_at": "2026-11-22T10:00:00.000Z",
                     *         "updated_at": "2026-11-22T10:00:00.000Z",
                     *         "version": 2,
                     *         "can": [
                     *           "take",
                     *           "warn",
                     *           "hide",
                     *           "suspend",
                     *           "ban",
                     *           "nothing"
                     *         ],
                     *         "history": []
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["CaseDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_case: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee00000000ca5e01",
                     *       "about": "65f0c0ffee0000000000be21",
                     *       "state": "open",
                     *       "kinds": [
                     *         "report"
                     *       ],
                     *       "reasons": [
                     *         "rude"
                     *       ],
                     *       "reports": 1,
                     *       "taken_by": null,
                     *       "decision": null,
                     *       "opened_at": "2026-11-22T10:00:00.000Z",
                     *       "updated_at": "2026-11-22T10:00:00.000Z",
                     *       "version": 2,
                     *       "can": [
                     *         "take",
                     *         "warn",
                     *         "hide",
                     *         "suspend",
                     *         "ban",
                     *         "nothing"
                     *       ],
                     *       "history": [],
                     *       "name": "Ben",
                     *       "files": [
                     *         {
                     *           "_id": "65f0c0ffee0000000e907a01",
                     *           "by": "65f0c0ffee0000000000ada1",
                     *           "reason": "rude",
                     *           "subject": "profile",
                     *           "subject_id": "65f0c0ffee0000000000be21",
                     *           "text": "Shouted at me.",
                     *           "created_at": "2026-11-22T10:00:00.000Z",
                     *           "profile": {
                     *             "name": "Ben",
                     *             "photo_url": null,
                     *             "location": "North side",
                     *             "skills_offered": [
                     *               "Guitar"
                     *             ],
                     *             "skills_wanted": [
                     *               "Python"
                     *             ],
                     *             "availability": "weekday evenings"
                     *           },
                     *           "note": "",
                     *           "review": null,
                     *           "messages": []
                     *         }
                     *       ],
                     *       "earlier": [],
                     *       "words": [
                     *         {
                     *           "_id": "65f0c0ffee0000000000c0de",
                     *           "kind": "request",
                     *           "swap_id": "65f0c0ffee00000000005a01",
                     *           "to": "65f0c0ffee0000000000ada1",
                     *           "text": "Hello! More about me: example.org",
                     *           "photo_url": null,
                     *           "state": "waiting",
                     *           "created_at": "2026-11-22T10:00:00.000Z",
                     *           "until": "2026-11-22T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "notes": []
                     *     }
                     */
                    "application/json": components["schemas"]["CaseFileDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_action: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "action": "take"
                 *     }
                 */
                "application/json": components["schemas"]["CaseActionBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee00000000ca5e01",
                     *       "about": "65f0c0ffee0000000000be21",
                     *       "state": "taken",
                     *       "kinds": [
                     *         "report"
                     *       ],
                     *       "reasons": [
                     *         "rude"
                     *       ],
                     *       "reports": 1,
                     *       "taken_by": "65f0c0ffee0000000000e0a1",
                     *       "decision": null,
                     *       "opened_at": "2026-11-22T10:00:00.000Z",
                     *       "updated_at": "2026-11-22T10:00:00.000Z",
                     *       "version": 3,
                     *       "can": [
                     *         "release",
                     *         "warn",
                     *         "hide",
                     *         "suspend",
                     *         "ban",
                     *         "nothing"
                     *       ],
                     *       "history": [
                     *         {
                     *           "at": "2026-11-22T10:00:00.000Z",
                     *           "by": "65f0c0ffee0000000000e0a1",
                     *           "action": "take",
                     *           "reason": ""
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["CaseDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_acknowledgement: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000ada1",
                     *       "name": "Ada",
                     *       "email": "ada@example.org",
                     *       "photo_url": null,
                     *       "location": "Harbour",
                     *       "skills_offered": [
                     *         "Python"
                     *       ],
                     *       "skills_wanted": [
                     *         "Guitar"
                     *       ],
                     *       "offered_levels": {},
                     *       "wanted_levels": {},
                     *       "availability": "weekday evenings",
                     *       "hours": [
                     *         [
                     *           18,
                     *           19,
                     *           20,
                     *           21
                     *         ],
                     *         [],
                     *         [],
                     *         [
                     *           20,
                     *           21
                     *         ],
                     *         [],
                     *         [],
                     *         []
                     *       ],
                     *       "coordinates": {
                     *         "latitude": 40.4,
                     *         "longitude": -3.7
                     *       },
                     *       "is_public": true,
                     *       "locale": "en",
                     *       "timezone": null,
                     *       "role": "member",
                     *       "status": "active",
                     *       "notifications": true,
                     *       "telegram_linked": true,
                     *       "rules_agreed": 2,
                     *       "membership": "member",
                     *       "warned_at": null,
                     *       "suspended_until": null,
                     *       "standing_reason": null,
                     *       "created_at": "2026-11-22T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["OwnUser"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_audit: {
        parameters: {
            query?: {
                about?: string;
                by?: string;
                case?: string;
                before?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "_id": "65f0c0ffee0000000dec1501",
                     *         "at": "2026-11-22T10:00:00.000Z",
                     *         "by": "65f0c0ffee0000000000e0a1",
                     *         "action": "hide",
                     *         "about": "65f0c0ffee0000000000be21",
                     *         "reason": "rude",
                     *         "case": "65f0c0ffee00000000ca5e01",
                     *         "before": {
                     *           "status": "active",
                     *           "standing": {
                     *             "membership": "member",
                     *             "hidden_at": null
                     *           }
                     *         },
                     *         "after": {
                     *           "status": "active",
                     *           "standing": {
                     *             "membership": "member",
                     *             "hidden_at": "2026-11-22T10:00:00.000Z"
                     *           }
                     *         }
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["AuditDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_undo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000be21",
                     *       "status": "active",
                     *       "membership": "member",
                     *       "is_hidden": false,
                     *       "is_warned": false,
                     *       "suspended_until": null,
                     *       "decision": "65f0c0ffee0000000dec1501"
                     *     }
                     */
                    "application/json": components["schemas"]["StandingDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_person_action: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "action": "hide",
                 *       "reason": "rude"
                 *     }
                 */
                "application/json": components["schemas"]["PersonActionBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000be21",
                     *       "status": "active",
                     *       "membership": "member",
                     *       "is_hidden": true,
                     *       "is_warned": false,
                     *       "suspended_until": null,
                     *       "decision": "65f0c0ffee0000000dec1501"
                     *     }
                     */
                    "application/json": components["schemas"]["StandingDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_staff: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "_id": "65f0c0ffee0000000000e0a1",
                     *         "name": "Eva",
                     *         "role": "moderator"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["StaffDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    put_role: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "role": "moderator"
                 *     }
                 */
                "application/json": components["schemas"]["RoleBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000be21",
                     *       "name": "Ben",
                     *       "role": "moderator"
                     *     }
                     */
                    "application/json": components["schemas"]["StaffDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_disputes: {
        parameters: {
            query?: {
                after?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "swap_id": "65f0c0ffee00000000005a01",
                     *         "status": "disputed",
                     *         "people": [
                     *           "65f0c0ffee0000000000ada1",
                     *           "65f0c0ffee0000000000be21"
                     *         ],
                     *         "legs": [
                     *           {
                     *             "teacher": "65f0c0ffee0000000000ada1",
                     *             "learner": "65f0c0ffee0000000000be21",
                     *             "skill": "Python"
                     *           },
                     *           {
                     *             "teacher": "65f0c0ffee0000000000be21",
                     *             "learner": "65f0c0ffee0000000000ada1",
                     *             "skill": "Guitar"
                     *           }
                     *         ],
                     *         "sessions": [
                     *           {
                     *             "id": "1",
                     *             "legs": [
                     *               0,
                     *               1
                     *             ],
                     *             "starts_at": "2026-11-22T10:00:00.000Z",
                     *             "minutes": 60,
                     *             "answers": [
                     *               {
                     *                 "by": "65f0c0ffee0000000000ada1",
                     *                 "answer": "yes",
                     *                 "legs": [
                     *                   0,
                     *                   1
                     *                 ],
                     *                 "reason": null,
                     *                 "at": "2026-11-22T10:00:00.000Z"
                     *               },
                     *               {
                     *                 "by": "65f0c0ffee0000000000be21",
                     *                 "answer": "no",
                     *                 "legs": [],
                     *                 "reason": "they_did_not_come",
                     *                 "at": "2026-11-22T10:00:00.000Z"
                     *               }
                     *             ]
                     *           }
                     *         ],
                     *         "statements": {
                     *           "65f0c0ffee0000000000be21": "Nobody was there."
                     *         },
                     *         "disputed_at": "2026-11-22T10:00:00.000Z",
                     *         "statements_until": "2026-11-22T10:00:00.000Z",
                     *         "decision": null
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["DisputeDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    put_dispute: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "decision": "not_happened",
                 *       "reason": "The café was closed that day."
                 *     }
                 */
                "application/json": components["schemas"]["DisputeDecisionBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "swap_id": "65f0c0ffee00000000005a01",
                     *       "status": "not_happened",
                     *       "people": [
                     *         "65f0c0ffee0000000000ada1",
                     *         "65f0c0ffee0000000000be21"
                     *       ],
                     *       "legs": [
                     *         {
                     *           "teacher": "65f0c0ffee0000000000ada1",
                     *           "learner": "65f0c0ffee0000000000be21",
                     *           "skill": "Python"
                     *         },
                     *         {
                     *           "teacher": "65f0c0ffee0000000000be21",
                     *           "learner": "65f0c0ffee0000000000ada1",
                     *           "skill": "Guitar"
                     *         }
                     *       ],
                     *       "sessions": [
                     *         {
                     *           "id": "1",
                     *           "legs": [
                     *             0,
                     *             1
                     *           ],
                     *           "starts_at": "2026-11-22T10:00:00.000Z",
                     *           "minutes": 60,
                     *           "answers": [
                     *             {
                     *               "by": "65f0c0ffee0000000000ada1",
                     *               "answer": "yes",
                     *               "legs": [
                     *                 0,
                     *                 1
                     *               ],
                     *               "reason": null,
                     *               "at": "2026-11-22T10:00:00.000Z"
                     *             },
                     *             {
                     *               "by": "65f0c0ffee0000000000be21",
                     *               "answer": "no",
                     *               "legs": [],
                     *               "reason": "they_did_not_come",
                     *               "at": "2026-11-22T10:00:00.000Z"
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "statements": {
                     *         "65f0c0ffee0000000000be21": "Nobody was there."
                     *       },
                     *       "disputed_at": "2026-11-22T10:00:00.000Z",
                     *       "statements_until": "2026-11-22T10:00:00.000Z",
                     *       "decision": "The café was closed that day."
                     *     }
                     */
                    "application/json": components["schemas"]["DisputeDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_possible: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "key": "9f1b6c20d4e8a375",
                     *         "you_teach": {
                     *           "name": "Ben",
                     *           "skill": "Python",
                     *           "skill_name": "Python"
                     *         },
                     *         "you_learn": {
                     *           "name": "Cleo",
                     *           "skill": "chino",
                     *           "skill_name": "Chinese (chino)"
                     *         },
                     *         "between": "Guitar",
                     *         "between_name": "Guitar"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["PossibleCircleDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_circles: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "sessions": [],
                     *         "stage": null,
                     *         "next_action": null,
                     *         "slots": [],
                     *         "minutes": 60,
                     *         "arranged_by": null,
                     *         "done": [],
                     *         "one_way": false,
                     *         "completed_at": null,
                     *         "statement": null,
                     *         "_id": "65f0c0ffee0000000000c101",
                     *         "status": "proposed",
                     *         "version": 2,
                     *         "you_teach": {
                     *           "name": "Ben",
                     *           "skill": "Python",
                     *           "user_id": null,
                     *           "has_joined": false,
                     *           "leg": null
                     *         },
                     *         "you_learn": {
                     *           "name": "Cleo",
                     *           "skill": "Chinese",
                     *           "user_id": null,
                     *           "has_joined": true,
                     *           "leg": null
                     *         },
                     *         "between": "Guitar",
                     *         "has_joined": true,
                     *         "is_searching": false,
                     *         "due_at": "2026-11-25T10:00:00.000Z",
                     *         "can": [
                     *           "leave"
                     *         ]
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["CircleDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_circle: {
        parameters: {
            query?: never;
            header?: {
                /** @description A request repeated with the same key within 24 hours is not executed again and gets the first response. 409 while the first request is running, 422 when the body differs. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "key": "9f1b6c20d4e8a375"
                 *     }
                 */
                "application/json": components["schemas"]["CircleBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [],
                     *       "stage": null,
                     *       "next_action": null,
                     *       "slots": [],
                     *       "minutes": 60,
                     *       "arranged_by": null,
                     *       "done": [],
                     *       "one_way": false,
                     *       "completed_at": null,
                     *       "statement": null,
                     *       "_id": "65f0c0ffee0000000000c101",
                     *       "status": "proposed",
                     *       "version": 2,
                     *       "you_teach": {
                     *         "name": "Ben",
                     *         "skill": "Python",
                     *         "user_id": null,
                     *         "has_joined": false,
                     *         "leg": null
                     *       },
                     *       "you_learn": {
                     *         "name": "Cleo",
                     *         "skill": "Chinese",
                     *         "user_id": null,
                     *         "has_joined": true,
                     *         "leg": null
                     *       },
                     *       "between": "Guitar",
                     *       "has_joined": true,
                     *       "is_searching": false,
                     *       "due_at": "2026-11-25T10:00:00.000Z",
                     *       "can": [
                     *         "leave"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["CircleDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_circle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [],
                     *       "stage": null,
                     *       "next_action": null,
                     *       "slots": [],
                     *       "minutes": 60,
                     *       "arranged_by": null,
                     *       "done": [],
                     *       "one_way": false,
                     *       "completed_at": null,
                     *       "statement": null,
                     *       "_id": "65f0c0ffee0000000000c101",
                     *       "status": "proposed",
                     *       "version": 2,
                     *       "you_teach": {
                     *         "name": "Ben",
                     *         "skill": "Python",
                     *         "user_id": null,
                     *         "has_joined": false,
                     *         "leg": null
                     *       },
                     *       "you_learn": {
                     *         "name": "Cleo",
                     *         "skill": "Chinese",
                     *         "user_id": null,
                     *         "has_joined": true,
                     *         "leg": null
                     *       },
                     *       "between": "Guitar",
                     *       "has_joined": true,
                     *       "is_searching": false,
                     *       "due_at": "2026-11-25T10:00:00.000Z",
                     *       "can": [
                     *         "leave"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["CircleDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    put_circle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "answer": "join",
                 *       "version": 2
                 *     }
                 */
                "application/json": components["schemas"]["CircleAnswerBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [],
                     *       "stage": null,
                     *       "next_action": null,
                     *       "slots": [],
                     *       "minutes": 60,
                     *       "arranged_by": null,
                     *       "done": [],
                     *       "one_way": false,
                     *       "completed_at": null,
                     *       "statement": null,
                     *       "_id": "65f0c0ffee0000000000c101",
                     *       "status": "proposed",
                     *       "version": 2,
                     *       "you_teach": {
                     *         "name": "Ben",
                     *         "skill": "Python",
                     *         "user_id": null,
                     *         "has_joined": false,
                     *         "leg": null
                     *       },
                     *       "you_learn": {
                     *         "name": "Cleo",
                     *         "skill": "Chinese",
                     *         "user_id": null,
                     *         "has_joined": true,
                     *         "leg": null
                     *       },
                     *       "between": "Guitar",
                     *       "has_joined": true,
                     *       "is_searching": false,
                     *       "due_at": "2026-11-25T10:00:00.000Z",
                     *       "can": [
                     *         "leave"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["CircleDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_messages: {
        parameters: {
            query?: {
                after?: number;
                before?: number;
                limit?: number;
            };
            header?: never;
            path: {
                swap_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "_id": "65f0c0ffee00000000003e01",
                     *         "swap_id": "65f0c0ffee00000000005a01",
                     *         "seq": 1,
                     *         "from_user_id": "65f0c0ffee0000000000ada1",
                     *         "to_user_id": "65f0c0ffee0000000000be21",
                     *         "message": "Tuesday at six?",
                     *         "photo_url": null,
                     *         "photo_width": null,
                     *         "photo_height": null,
                     *         "client_id": "0d7f5a52-6b1c-4d55-9f4e-3f6f3a0b7c11",
                     *         "via": "web",
                     *         "created_at": "2026-11-22T10:00:00.000Z",
                     *         "reply_to": null,
                     *         "edited_at": null,
                     *         "deleted_at": null,
                     *         "changed": 0,
                     *         "attachment": null,
                     *         "is_screened": false
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["MessageDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_conversations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "swap_id": "65f0c0ffee00000000005a01",
                     *         "last": {
                     *           "_id": "65f0c0ffee00000000003e01",
                     *           "swap_id": "65f0c0ffee00000000005a01",
                     *           "seq": 1,
                     *           "from_user_id": "65f0c0ffee0000000000ada1",
                     *           "to_user_id": "65f0c0ffee0000000000be21",
                     *           "message": "Tuesday at six?",
                     *           "photo_url": null,
                     *           "photo_width": null,
                     *           "photo_height": null,
                     *           "client_id": "0d7f5a52-6b1c-4d55-9f4e-3f6f3a0b7c11",
                     *           "via": "web",
                     *           "created_at": "2026-11-22T10:00:00.000Z",
                     *           "reply_to": null,
                     *           "edited_at": null,
                     *           "deleted_at": null,
                     *           "changed": 0,
                     *           "attachment": null,
                     *           "is_screened": false
                     *         },
                     *         "unread": 1,
                     *         "reads": {
                     *           "65f0c0ffee0000000000ada1": 1
                     *         }
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["ConversationDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_message: {
        parameters: {
            query?: never;
            header?: {
                /** @description A request repeated with the same key within 24 hours is not executed again and gets the first response. 409 while the first request is running, 422 when the body differs. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "swap_id": "65f0c0ffee00000000005a01",
                 *       "message": "Tuesday at six?",
                 *       "client_id": "0d7f5a52-6b1c-4d55-9f4e-3f6f3a0b7c11"
                 *     }
                 */
                "application/json": components["schemas"]["MessageBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee00000000003e01",
                     *       "swap_id": "65f0c0ffee00000000005a01",
                     *       "seq": 1,
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "message": "Tuesday at six?",
                     *       "photo_url": null,
                     *       "photo_width": null,
                     *       "photo_height": null,
                     *       "client_id": "0d7f5a52-6b1c-4d55-9f4e-3f6f3a0b7c11",
                     *       "via": "web",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "reply_to": null,
                     *       "edited_at": null,
                     *       "deleted_at": null,
                     *       "changed": 0,
                     *       "attachment": null,
                     *       "is_screened": false
                     *     }
                     */
                    "application/json": components["schemas"]["MessageDocument"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee00000000003e01",
                     *       "swap_id": "65f0c0ffee00000000005a01",
                     *       "seq": 1,
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "message": "Tuesday at six?",
                     *       "photo_url": null,
                     *       "photo_width": null,
                     *       "photo_height": null,
                     *       "client_id": "0d7f5a52-6b1c-4d55-9f4e-3f6f3a0b7c11",
                     *       "via": "web",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "reply_to": null,
                     *       "edited_at": null,
                     *       "deleted_at": null,
                     *       "changed": 0,
                     *       "attachment": null,
                     *       "is_screened": false
                     *     }
                     */
                    "application/json": components["schemas"]["MessageDocument"];
                };
            };
            /** @description Kept: a moderator looks at it first */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee00000000003e01",
                     *       "swap_id": "65f0c0ffee00000000005a01",
                     *       "seq": 1,
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "message": "Tuesday at six?",
                     *       "photo_url": null,
                     *       "photo_width": null,
                     *       "photo_height": null,
                     *       "client_id": "0d7f5a52-6b1c-4d55-9f4e-3f6f3a0b7c11",
                     *       "via": "web",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "reply_to": null,
                     *       "edited_at": null,
                     *       "deleted_at": null,
                     *       "changed": 0,
                     *       "attachment": null,
                     *       "is_screened": false
                     *     }
                     */
                    "application/json": components["schemas"]["MessageDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_sync: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "chats": [
                 *         {
                 *           "swap_id": "65f0c0ffee00000000005a01",
                 *           "after": 0,
                 *           "changes": 0
                 *         }
                 *       ],
                 *       "since": "1795341600000"
                 *     }
                 */
                "application/json": components["schemas"]["SyncBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "chats": [
                     *         {
                     *           "swap_id": "65f0c0ffee00000000005a01",
                     *           "messages": [
                     *             {
                     *               "_id": "65f0c0ffee00000000003e01",
                     *               "swap_id": "65f0c0ffee00000000005a01",
                     *               "seq": 1,
                     *               "from_user_id": "65f0c0ffee0000000000ada1",
                     *               "to_user_id": "65f0c0ffee0000000000be21",
                     *               "message": "Tuesday at six?",
                     *               "photo_url": null,
                     *               "photo_width": null,
                     *               "photo_height": null,
                     *               "client_id": "0d7f5a52-6b1c-4d55-9f4e-3f6f3a0b7c11",
                     *               "via": "web",
                     *               "created_at": "2026-11-22T10:00:00.000Z",
                     *               "reply_to": null,
                     *               "edited_at": null,
                     *               "deleted_at": null,
                     *               "changed": 0,
                     *               "attachment": null,
                     *               "is_screened": false
                     *             }
                     *           ],
                     *           "changed": [],
                     *           "changes": 0,
                     *           "reads": {
                     *             "65f0c0ffee0000000000ada1": 1
                     *           },
                     *           "has_more": false,
                     *           "resync_required": false
                     *         }
                     *       ],
                     *       "swaps": [
                     *         {
                     *           "sessions": [],
                     *           "stage": "talking",
                     *           "next_action": {
                     *             "verb": "plan",
                     *             "by": [
                     *               "65f0c0ffee0000000000ada1",
                     *               "65f0c0ffee0000000000be21"
                     *             ],
                     *             "until": "2026-12-13T10:00:00.000Z",
                     *             "session": null
                     *           },
                     *           "slots": [
                     *             "2026-12-01T17:00:00.000Z"
                     *           ],
                     *           "minutes": 60,
                     *           "arranged_by": null,
                     *           "done": [],
                     *           "one_way": false,
                     *           "completed_at": null,
                     *           "statement": null,
                     *           "_id": "65f0c0ffee00000000005a01",
                     *           "from_user_id": "65f0c0ffee0000000000ada1",
                     *           "to_user_id": "65f0c0ffee0000000000be21",
                     *           "offered_skill": "Python",
                     *           "wanted_skill": "Guitar",
                     *           "message": "Shall we start on Tuesday?",
                     *           "status": "accepted",
                     *           "created_at": "2026-11-22T10:00:00.000Z",
                     *           "updated_at": "2026-11-22T10:00:00.000Z",
                     *           "participants": [
                     *             "65f0c0ffee0000000000ada1",
                     *             "65f0c0ffee0000000000be21"
                     *           ],
                     *           "legs": [
                     *             {
                     *               "teacher": "65f0c0ffee0000000000ada1",
                     *               "learner": "65f0c0ffee0000000000be21",
                     *               "skill": "Python"
                     *             },
                     *             {
                     *               "teacher": "65f0c0ffee0000000000be21",
                     *               "learner": "65f0c0ffee0000000000ada1",
                     *               "skill": "Guitar"
                     *             }
                     *           ],
                     *           "consents": {
                     *             "65f0c0ffee0000000000ada1": 1,
                     *             "65f0c0ffee0000000000be21": 2
                     *           },
                     *           "version": 2,
                     *           "due_at": null,
                     *           "history": [
                     *             {
                     *               "at": "2026-11-22T10:00:00.000Z",
                     *               "by": "65f0c0ffee0000000000ada1",
                     *               "event": "proposed",
                     *               "status": "pending"
                     *             },
                     *             {
                     *               "at": "2026-11-22T10:00:00.000Z",
                     *               "by": "65f0c0ffee0000000000be21",
                     *               "event": "accepted",
                     *               "status": "accepted"
                     *             }
                     *           ],
                     *           "turn": null,
                     *           "rounds": 1,
                     *           "offers": [],
                     *           "decline_reason": null,
                     *           "end_reason": null,
                     *           "is_screened": false,
                     *           "decline_note": null,
                     *           "can": [
                     *             "chat",
                     *             "cancel",
                     *             "plan",
                     *             "met",
                     *             "arrange"
                     *           ],
                     *           "away": []
                     *         }
                     *       ],
                     *       "user": {
                     *         "_id": "65f0c0ffee0000000000ada1",
                     *         "name": "Ada",
                     *         "email": "ada@example.org",
                     *         "photo_url": null,
                     *         "location": "Harbour",
                     *         "skills_offered": [
                     *           "Python"
                     *         ],
                     *         "skills_wanted": [
                     *           "Guitar"
                     *         ],
                     *         "offered_levels": {},
                     *         "wanted_levels": {},
                     *         "availability": "weekday evenings",
                     *         "hours": [
                     *           [
                     *             18,
                     *             19,
                     *             20,
                     *             21
                     *           ],
                     *           [],
                     *           [],
                     *           [
                     *             20,
                     *             21
                     *           ],
                     *           [],
                     *           [],
                     *           []
                     *         ],
                     *         "coordinates": {
                     *           "latitude": 40.4,
                     *           "longitude": -3.7
                     *         },
                     *         "is_public": true,
                     *         "locale": "en",
                     *         "timezone": null,
                     *         "role": "member",
                     *         "status": "active",
                     *         "notifications": true,
                     *         "telegram_linked": true,
                     *         "rules_agreed": 2,
                     *         "membership": "member",
                     *         "warned_at": null,
                     *         "suspended_until": null,
                     *         "standing_reason": null,
                     *         "created_at": "2026-11-22T10:00:00.000Z"
                     *       },
                     *       "cursor": "1795341660000",
                     *       "resync_required": false
                     *     }
                     */
                    "application/json": components["schemas"]["NewsDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    put_read: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                swap_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "seq": 1
                 *     }
                 */
                "application/json": components["schemas"]["SeqBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "swap_id": "65f0c0ffee00000000005a01",
                     *       "user_id": "65f0c0ffee0000000000be21",
                     *       "seq": 1
                     *     }
                     */
                    "application/json": components["schemas"]["ReadMarkDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    put_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                swap_id: string;
                seq: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "message": "Tuesday at seven?"
                 *     }
                 */
                "application/json": components["schemas"]["EditBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee00000000003e01",
                     *       "swap_id": "65f0c0ffee00000000005a01",
                     *       "seq": 1,
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "message": "Tuesday at seven?",
                     *       "photo_url": null,
                     *       "photo_width": null,
                     *       "photo_height": null,
                     *       "client_id": "0d7f5a52-6b1c-4d55-9f4e-3f6f3a0b7c11",
                     *       "via": "web",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "reply_to": null,
                     *       "edited_at": "2026-11-22T10:00:00.000Z",
                     *       "deleted_at": null,
                     *       "changed": 1,
                     *       "attachment": null,
                     *       "is_screened": false
                     *     }
                     */
                    "application/json": components["schemas"]["MessageDocument"];
                };
            };
            /** @description Kept: a moderator looks at it first */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee00000000003e01",
                     *       "swap_id": "65f0c0ffee00000000005a01",
                     *       "seq": 1,
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "message": "Tuesday at seven?",
                     *       "photo_url": null,
                     *       "photo_width": null,
                     *       "photo_height": null,
                     *       "client_id": "0d7f5a52-6b1c-4d55-9f4e-3f6f3a0b7c11",
                     *       "via": "web",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "reply_to": null,
                     *       "edited_at": "2026-11-22T10:00:00.000Z",
                     *       "deleted_at": null,
                     *       "changed": 1,
                     *       "attachment": null,
                     *       "is_screened": false
                     *     }
                     */
                    "application/json": components["schemas"]["MessageDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    delete_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                swap_id: string;
                seq: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee00000000003e01",
                     *       "swap_id": "65f0c0ffee00000000005a01",
                     *       "seq": 1,
                     *       "from_user_id": "65f0c0ffee0000000000ada1",
                     *       "to_user_id": "65f0c0ffee0000000000be21",
                     *       "message": "",
                     *       "photo_url": null,
                     *       "photo_width": null,
                     *       "photo_height": null,
                     *       "client_id": "0d7f5a52-6b1c-4d55-9f4e-3f6f3a0b7c11",
                     *       "via": "web",
                     *       "created_at": "2026-11-22T10:00:00.000Z",
                     *       "reply_to": null,
                     *       "edited_at": null,
                     *       "deleted_at": "2026-11-22T10:00:00.000Z",
                     *       "changed": 2,
                     *       "attachment": null,
                     *       "is_screened": false
                     *     }
                     */
                    "application/json": components["schemas"]["MessageDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_upload: {
        parameters: {
            query?: {
                purpose?: "profile" | "chat";
            };
            header?: {
                /** @description A request repeated with the same key within 24 hours is not executed again and gets the first response. 409 while the first request is running, 422 when the body differs. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    file: Blob;
                    /**
                     * @default profile
                     * @enum {string}
                     */
                    purpose?: "profile" | "chat";
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "secure_url": "https://skills.example.org/photos/65f0c0ffee00000000000f01.jpg",
                     *       "width": 1280,
                     *       "height": 960
                     *     }
                     */
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_leaving: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "confirm": true
                 *     }
                 */
                "application/json": components["schemas"]["LeavingBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "deleted": true
                     *     }
                     */
                    "application/json": components["schemas"]["LeftDocument"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "user": {
                     *         "name": "Ada",
                     *         "email": "ada@example.org",
                     *         "image": null,
                     *         "id": "65f0c0ffee0000000000ada1"
                     *       },
                     *       "expires": "2026-12-22T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_mini_app: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "init_data": "user=%7B%22id%22%3A7001%7D&auth_date=1795341600&hash=c501b71e"
                 *     }
                 */
                "application/json": components["schemas"]["InitDataBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "token": "eyJhbGciOiJkaXIi…",
                     *       "expires": "2026-12-22T10:00:00.000Z",
                     *       "user_id": "65f0c0ffee0000000000ada1"
                     *     }
                     */
                    "application/json": components["schemas"]["MiniAppSession"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_providers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "email": {
                     *         "id": "email",
                     *         "name": "Email",
                     *         "type": "email",
                     *         "signinUrl": "https://skills.example.org/api/auth/signin/email",
                     *         "callbackUrl": "https://skills.example.org/api/auth/callback/email"
                     *       }
                     *     }
                     */
                    "application/json": {
                        [key: string]: components["schemas"]["ProviderDocument"];
                    };
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_csrf: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "csrfToken": "5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c"
                     *     }
                     */
                    "application/json": components["schemas"]["CsrfToken"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_accounts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "_id": "00000000000000656d61696c",
                     *         "provider": "email",
                     *         "email": "ada@example.org",
                     *         "created_at": null
                     *       },
                     *       {
                     *         "_id": "65f0c0ffee00000000000a01",
                     *         "provider": "google",
                     *         "email": null,
                     *         "created_at": "2026-11-22T10:00:00.000Z"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["AccountDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    delete_account: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "_id": "00000000000000656d61696c",
                     *         "provider": "email",
                     *         "email": "ada@example.org",
                     *         "created_at": null
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["AccountDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    post_merge_code: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "code": "K7QF-2M9X",
                     *       "expires_at": "2026-11-22T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["MergeCode"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    preview_merge: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "code": "K7QF-2M9X"
                 *     }
                 */
                "application/json": components["schemas"]["MergeBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "Ada",
                     *       "photo_url": null
                     *     }
                     */
                    "application/json": components["schemas"]["MergePreview"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    accept_merge: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "code": "K7QF-2M9X"
                 *     }
                 */
                "application/json": components["schemas"]["MergeBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "_id": "65f0c0ffee0000000000ada1",
                     *       "name": "Ada",
                     *       "email": "ada@example.org",
                     *       "photo_url": null,
                     *       "location": "Harbour",
                     *       "skills_offered": [
                     *         "Python"
                     *       ],
                     *       "skills_wanted": [
                     *         "Guitar"
                     *       ],
                     *       "offered_levels": {},
                     *       "wanted_levels": {},
                     *       "availability": "weekday evenings",
                     *       "hours": [
                     *         [
                     *           18,
                     *           19,
                     *           20,
                     *           21
                     *         ],
                     *         [],
                     *         [],
                     *         [
                     *           20,
                     *           21
                     *         ],
                     *         [],
                     *         [],
                     *         []
                     *       ],
                     *       "coordinates": {
                     *         "latitude": 40.4,
                     *         "longitude": -3.7
                     *       },
                     *       "is_public": true,
                     *       "locale": "en",
                     *       "timezone": null,
                     *       "role": "member",
                     *       "status": "active",
                     *       "notifications": true,
                     *       "telegram_linked": true,
                     *       "rules_agreed": 2,
                     *       "membership": "member",
                     *       "warned_at": null,
                     *       "suspended_until": null,
                     *       "standing_reason": null,
                     *       "created_at": "2026-11-22T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["OwnUser"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    list_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "_id": "65f0c0ffee00000000005e01",
                     *         "door": "email",
                     *         "agent": "Firefox, Linux",
                     *         "created_at": "2026-11-22T10:00:00.000Z",
                     *         "seen_at": "2026-11-22T10:00:00.000Z",
                     *         "is_current": true
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["SessionDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    delete_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example [] */
                    "application/json": components["schemas"]["SessionDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    delete_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "_id": "65f0c0ffee00000000005e01",
                     *         "door": "email",
                     *         "agent": "Firefox, Linux",
                     *         "created_at": "2026-11-22T10:00:00.000Z",
                     *         "seen_at": "2026-11-22T10:00:00.000Z",
                     *         "is_current": true
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["SessionDocument"][];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "ok": true
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_readiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "ok": true,
                     *       "parts": {
                     *         "database": true,
                     *         "change_stream": true,
                     *         "bot": true
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "ok": true,
                     *       "parts": {
                     *         "database": true,
                     *         "change_stream": true,
                     *         "bot": true
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    get_socket: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "path": "/api/socket",
                     *       "engine_io": 4,
                     *       "socket_io": 5
                     *     }
                     */
                    "application/json": components["schemas"]["SocketAddress"];
                };
            };
            /** @description Refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
}
