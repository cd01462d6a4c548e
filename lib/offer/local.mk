noinst_LIBRARIES += lib/offer/liboffer.a
lib_offer_liboffer_a_SOURCES = lib/offer/offer.c lib/offer/offer.h
