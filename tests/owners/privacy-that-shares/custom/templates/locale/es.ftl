privacy-sharing = Podemos compartir sus datos con terceros.
