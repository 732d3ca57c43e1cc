-- SPDX-License-Identifier: Apache-2.0
-- `password_epoch`: which of the room's passwords the client gave last; 0: none.
ALTER TABLE clients ADD COLUMN password_epoch INTEGER NOT NULL DEFAULT 0;
